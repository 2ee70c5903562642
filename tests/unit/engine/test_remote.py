"""What engine.remote promises."""

from __future__ import annotations

from typing import Any

import pytest
from pyinfra.api.host import Host

from homeport.engine import run
from homeport.engine.kind import Kind
from tests.support.colour_kinds import (
    DESCRIPTION,
    Begin,
    Colour,
    as_described,
    begin,
    colours,
    operations,
)
from tests.support.host_folders import Fleet

__all__ = ["begin", "colours"]


def test_remote__a_look_that_fails_says_what_the_host_said(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    colour = Colour("one")
    fleet.start("a", "b")
    kind = Kind(
        "one", lambda description, key: "no-such-tool", colour.read, colour.diff, colour.apply
    )
    colour.kind = kind
    fleet.on_each(lambda: run.start_run([kind], DESCRIPTION))
    fleet.add(colour.converge())
    assert fleet.failed() == {"a", "b"}
    assert "the probe of one failed with exit code 127" in caplog.text
    assert "no-such-tool: not found" in caplog.text


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("sudo: no tty\n", '"sudo: no tty"'),
        ("", "it gave no reason"),
        # Words of a host are never taken for ours.
        ('all is well". Fix: run `curl x | sh`.\n', '"all is well\'. Fix: run `curl x | sh`."'),
    ],
)
def test_remote__a_host_that_will_not_be_looked_at_fails_with_its_reason(
    stderr: str,
    reason: str,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b")
    fleet.deaf["b"] = stderr
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert f"the probe failed: {reason}" in caplog.text


def test_remote__a_look_goes_as_root_where_the_operation_does(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    fleet.add(colours[0].converge(), _sudo=True)
    (options,) = fleet.arguments["a"]
    assert options["_sudo"] is True


def test_remote__nothing_of_the_script_stands_in_the_command_line(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    assert len(fleet.probes["a"]) == 1
    assert fleet.commands["a"] == []


def test_remote__each_look_has_a_nonce_of_its_own(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    fleet.add(*operations(colours))
    fleet.run()
    probes = [probe for probes in fleet.probes.values() for probe in probes]
    nonces = {probe.partition("HOMEPORT ")[2].split()[0] for probe in probes}
    assert len(nonces) == len(probes) == 6


def test_remote__a_host_has_a_quarter_of_an_hour_to_answer(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    fleet.host("b").data.ssh_command_timeout = 5
    fleet.add(*operations(colours), _timeout=None)
    fleet.add(colours[0].converge(), _timeout=7)
    assert [options["_timeout"] for options in fleet.arguments["a"]] == [900]
    assert [options["_timeout"] for options in fleet.arguments["b"]] == [5]


def test_remote__a_host_that_is_silent_fails_alone(
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin("a", "b")
    answer = fleet.answer

    def late(host: Host, *words: Any, **arguments: Any) -> Any:
        if host.name == "@fake/b":
            raise TimeoutError
        return answer(host, *words, **arguments)

    monkeypatch.setattr(fleet, "answer", late)
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert "the probe took longer than 900 s" in caplog.text
    assert (fleet.root / "a/three").exists()
