"""What engine.hostctl_client promises."""

from __future__ import annotations

from typing import Any

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.engine.hostctl_client import HostctlResult, ask
from homeport.ssh import connection
from tests.support.fake_hostctl import Guarding
from tests.support.host_folders import Fleet


@pytest.fixture
def host(fleet: Fleet, guarding: Guarding) -> Host:
    fleet.start("a")
    return fleet.host("a")


@pytest.mark.parametrize("shown", [False, True])
def test_result_is_the_exit_code_of_the_program_and_not_of_the_shell(
    host: Host, guarding: Guarding, shown: bool
) -> None:
    guarding.says("begin", "took over\n")
    assert ask(host, ["begin", "shop"], {}, shown=shown).code == 0
    guarding.fails("begin", 3, "it is locked")
    output = ask(host, ["begin", "shop"], {}, shown=shown)
    assert (output.code, output.reason) == (3, "it is locked")


def test_result_has_what_was_printed_without_the_line_that_ends_it(
    host: Host, guarding: Guarding
) -> None:
    guarding.says("status", "one\ntwo\n")
    assert ask(host, ["status"], {}) == HostctlResult(0, ("one", "two"))
    guarding.says("status", "")
    assert ask(host, ["status"], {}) == HostctlResult(0)


def test_program_is_given_its_words_as_they_are_and_reads_what_is_sent(
    host: Host, fleet: Fleet, guarding: Guarding
) -> None:
    ask(host, ["begin", "$HOME; it's"], {"_sudo": True}, '{"id": "d1"}')
    assert guarding.calls() == ["begin $HOME; it's"]
    assert guarding.sent("begin") == '{"id": "d1"}'
    sent = {"_sudo": True, "_stdin": '{"id": "d1"}', "_timeout": 900}
    assert fleet.arguments["a"] == [sent]
    ask(host, ["status"], {"_sudo": True, "_timeout": 5})
    assert fleet.arguments["a"][1] == {"_sudo": True, "_timeout": 5}


def test_an_activation_takes_as_long_as_any_command(
    host: Host, fleet: Fleet, guarding: Guarding
) -> None:
    ask(host, ["activate", "shop"], {}, shown=True)
    assert fleet.arguments["a"] == [{"print_output": True}]


@pytest.mark.parametrize("code", ["", "x", "9" * 5000, "-1", "1 2"])
def test_an_end_that_no_program_has_is_no_exit_code(
    host: Host, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answer = CommandOutput([OutputLine("stdout", f"homeportctl ended with {code}")])
    monkeypatch.setattr(Host, "run_shell_command", lambda *_, **__: (True, answer))
    for shown in (False, True):
        assert ask(host, ["status"], {}, shown=shown).code == (2 if code == "1 2" else None)


@pytest.mark.parametrize("error", [RecursionError("deep"), KeyError("x"), MemoryError()])
def test_whatever_asking_raises_is_a_result(
    host: Host, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Host, "run_shell_command", run)
    result = ask(host, ["status"], {})
    assert result.code is None
    assert type(error).__name__ in result.reason


def test_what_is_shown_is_printed_as_it_is_said_without_a_mark_where_it_succeeds(
    host: Host, fleet: Fleet, guarding: Guarding
) -> None:
    guarding.says("activate", "web is ready\n")
    ask(host, ["activate", "shop"], {}, shown=True)
    (line,) = fleet.commands["a"]
    assert line.endswith(' activate shop || echo "homeportctl ended with $?"')
    assert fleet.arguments["a"] == [{"print_output": True}]


def test_connection_that_breaks_before_the_program_ended_leaves_no_code(
    host: Host, fleet: Fleet
) -> None:
    fleet.deaf["a"] = "Broken pipe"
    assert ask(host, ["begin"], {}) == HostctlResult(None, ("",), ("Broken pipe",))
    assert ask(host, ["begin"], {}, shown=True) == HostctlResult(None, err=("Broken pipe",))


@pytest.mark.parametrize(
    ("error", "reason"), [(PyinfraError("no route"), "no route"), (EOFError(), "EOFError")]
)
def test_new_connection_that_fails_is_a_result_with_its_reason(
    host: Host, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def run_anew(host: Host, command: StringCommand, **_: Any) -> tuple[bool, CommandOutput]:
        raise error

    monkeypatch.setattr(connection, "run_anew", run_anew)
    assert ask(host, ["confirm"], {}, anew=True) == HostctlResult(None, err=(reason,))
    # The connection at hand is another one.
    assert ask(host, ["confirm"], {}).code == 0


@pytest.mark.parametrize(
    ("out", "err", "reason"),
    [
        (("a", "b"), (), "a; b"),
        (("a",), ("1", "2", "3", "4"), "2; 3; 4"),
        ((), (), "it gave no reason"),
    ],
)
def test_reason_is_what_was_said_last_errors_before_the_rest(
    out: tuple[str, ...], err: tuple[str, ...], reason: str
) -> None:
    assert HostctlResult(1, out, err).reason == reason
