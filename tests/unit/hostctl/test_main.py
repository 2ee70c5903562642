"""What hostctl.main promises."""

from __future__ import annotations

import pytest

from homeport.hostctl import __main__
from homeport.hostctl.system.exit_codes import USAGE
from tests.support.capture import Capture
from tests.support.rehearsed_host import Rehearsed


@pytest.mark.parametrize(
    "argv",
    [[], ["fly"], ["begin"], ["begin", "shop", "more"], ["snapshot", "shop", "d1"], ["pin", "shop"],
     ["unlock", "now"], ["history", "shop", "many"], ["history", "-"], ["lock", "--for", "2d"],
     ["lock", "why", "--for"], ["lock", "why", "--for", "0d"], ["lock", "why", "--for", "2 days"]],
)  # fmt: skip
def test_host_program__a_command_that_is_not_understood_ends_with_one_line(
    rehearsed: Rehearsed, capsys: Capture, argv: list[str]
) -> None:
    assert rehearsed.run(*argv) == USAGE
    captured = capsys.readouterr()
    assert (captured.out, len(captured.err.splitlines())) == ("", 1)
    assert not rehearsed.place.state.exists()


@pytest.mark.parametrize("name", sorted(__main__.VERBS))
def test_host_program__every_verb_is_there_and_says_what_it_does(name: str) -> None:
    verb = __main__.VERBS[name]
    module, _, function = verb.does.partition(":")
    found = getattr(__main__.import_module(f"homeport.hostctl.verbs.{module}"), function)
    assert found.__doc__
    assert verb.usage.split()[0] == name
