"""What engine.run promises."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from homeport.engine import run
from homeport.engine.kind import Commands, DesiredState, PreconditionError, Target
from homeport.errors import UserError
from tests.support.colour_kinds import (
    Begin,
    Colour,
    as_described,
    begin,
    colours,
    messages,
    operations,
)
from tests.support.host_folders import Fleet

__all__ = ["begin", "colours", "messages"]


def test_run__a_host_with_nothing_to_change_is_looked_at_once(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    as_described(fleet, "a", "b")
    fleet.add(*operations(colours))
    fleet.run()
    assert {name: len(probes) for name, probes in fleet.probes.items()} == {"a": 1, "b": 1}
    assert fleet.commands == {"a": [], "b": []}
    assert all("HOMEPORT" in probe for probe in fleet.probes["a"])


def test_run__without_the_preparing_pass_it_is_once_too(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", check_for_changes=False)
    as_described(fleet, "a")
    fleet.add(*operations(colours))
    assert fleet.probes == {"a": []}
    fleet.run()
    assert len(fleet.probes["a"]) == 1


def test_run__after_a_change_the_phases_to_come_look_again_together_once(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    (fleet.root / "a/one").unlink()
    fleet.add(*operations(colours))
    assert len(fleet.probes["a"]) == 1
    fleet.run()
    assert len(fleet.probes["a"]) == 2
    assert [name in fleet.probes["a"][1] for name in (" one ", " two ", " three ")] == [
        False, True, True,
    ]  # fmt: skip
    assert fleet.commands["a"] == ["echo red >>one", "echo green >>one"]


def test_run__every_phase_that_changes_something_makes_the_next_look_again(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    fleet.run()
    assert len(fleet.probes["a"]) == 3
    for name in ("one", "two", "three"):
        assert (fleet.root / "a" / name).read_text() == "red\ngreen\n"


def test_run__one_hosts_change_is_nothing_to_another(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    as_described(fleet, "b")
    fleet.add(*operations(colours))
    fleet.run()
    assert {name: len(probes) for name, probes in fleet.probes.items()} == {"a": 3, "b": 1}


def failing(output: str) -> str:
    mark, nonce, *halves, end = output.strip().split(" ")
    frames = [base64.b64decode(half).replace(b" two 0\n", b" two 1\n") for half in halves]
    return " ".join([mark, nonce, *(base64.b64encode(f).decode() for f in frames), end]) + "\n"


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda out: "", "cut short"),
        (lambda out: out[: len(out) // 2], "cut short"),
        (failing, "the probe of two failed with exit code 1"),
        (lambda out: "Your password has expired.\n", "cut short"),
    ],
)
def test_run__a_host_that_answers_rubbish_fails_alone(
    spoil: Callable[[str], str],
    message: str,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b", "c", check_for_changes=check_for_changes)
    fleet.spoil["b"] = spoil
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    for name in "ac":
        assert (fleet.root / name / "three").read_text() == "red\ngreen\n"
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert sum(message in error for error in errors) == 1


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rubbish", "rubbish was said"),
        ("odd", "@fake/b answered what can't be read: two (ValueError"),
        ("short", "@fake/b answered what can't be read: two (IndexError"),
    ],
)
def test_run__a_probe_whose_answer_makes_no_sense_fails_that_host_alone(
    content: str,
    message: str,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b", check_for_changes=check_for_changes)
    (fleet.root / "b/two").write_text(content)
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    assert (fleet.root / "a/three").exists()
    assert message in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    "reason",
    [PreconditionError("this host is not for us"), UserError("this host is not for us", fix="go")],
)
def test_run__a_refusal_fails_the_host_before_its_first_change_without_a_traceback(
    reason: Exception,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    begin("a", "b", check_for_changes=check_for_changes)
    colours[2].refuse = reason
    (fleet.root / "b/three").write_text("forbidden")
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    assert "this host is not for us" in caplog.text
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def test_run__a_host_that_was_refused_is_not_let_through_by_a_second_try(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b", check_for_changes=False)
    fleet.spoil["b"] = lambda out: ""
    fleet.add(*operations(colours), _retries=1, _retry_delay=0)
    fleet.run()
    assert fleet.failed() == {"b"}


def test_run__with_errors_ignored_a_refused_host_still_counts_as_failed_in_every_phase(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b", check_for_changes=False)
    fleet.spoil["b"] = lambda out: ""
    fleet.add(*operations(colours), _ignore_errors=True)
    fleet.run()
    assert fleet.state.results[fleet.host("b")].ignored_error_ops == 3
    assert fleet.commands["b"] == []


def test_run__when_no_host_is_left_nobody_is_asked_and_nothing_is_run(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.spoil["a"] = lambda out: ""
    fleet.add(*operations(colours))
    count = len(fleet.commands["a"])
    fleet.run()
    assert fleet.failed() == {"a"}
    assert len(fleet.commands["a"]) == count


def test_run__a_phase_knows_what_earlier_ones_are_about_to_change(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    assert colours[0].upcoming[0] == frozenset()
    ones = {Target("one", "one/red"), Target("one", "one/green")}
    assert colours[1].upcoming[0] == ones
    assert colours[2].upcoming[0] == {*ones, Target("two", "two/red"), Target("two", "two/green")}


def test_run__what_a_change_needs_is_built_before_any_host_is_touched(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(colours[0].converge())
    assert [colour.provided[0] for colour in colours] == [
        [f"{name}/red", f"{name}/green"] for name in ("one", "two", "three")
    ]
    assert fleet.commands["a"] == []


def test_run__nothing_is_built_for_a_plan_that_is_refused(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    colours[2].refuse = PreconditionError("no")
    for name in "ab":
        (fleet.root / name / "three").write_text("forbidden")
    fleet.add(colours[0].converge())
    assert fleet.failed() == {"a", "b"}
    assert [colour.provided for colour in colours] == [[], [], []]


@pytest.mark.parametrize("diff", [True, False])
def test_run__a_plan_is_shown_once_though_it_is_made_twice(
    diff: bool, fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begin("a", diff=diff)
    fleet.add(*operations(colours))
    fleet.run()
    for name in ("one", "two", "three"):
        assert caplog.text.count(f"+ {name}/red  (missing)") == 1
    assert caplog.text.count("              +red") == (3 if diff else 0)


def test_run__each_host_has_a_session_of_its_own_which_ends_with_the_run(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    opened: list[run.HostRun] = []
    fleet.on_each(lambda: opened.append(run.host_run()))
    assert [one.host for one in opened] == [fleet.host("a"), fleet.host("b")]
    assert opened[0] is not opened[1]


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    "error",
    [
        RecursionError("maximum recursion depth exceeded"),
        OverflowError("cannot convert float infinity to integer"),
        AttributeError("'list' object has no attribute 'get'"),
        TypeError("unhashable"),
        OSError(7, "Argument list too long"),
        MemoryError(),
        KeyError(10**5000),
    ],
    ids=lambda error: type(error).__name__,
)
def test_run__whatever_a_host_makes_fail_fails_that_host_alone_in_one_line(
    error: Exception,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b", check_for_changes=check_for_changes)
    colours[2].refuse = error
    (fleet.root / "b/three").write_text("forbidden")
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    assert (fleet.root / "a/three").read_text() == "red\ngreen\n"
    lines = [r.getMessage() for r in caplog.records if "answered what can't be read" in r.message]
    (line,) = lines
    assert f"@fake/b answered what can't be read: three ({type(error).__name__}" in line
    assert len(line.splitlines()) == 1
    assert "Traceback" not in caplog.text


def test_run__what_fails_while_a_change_is_made_fails_that_host_alone(
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    apply = colours[1].apply

    def applied(description: DesiredState, actual: list[str], changes: Any) -> Commands:
        if "forbidden" in actual:
            raise KeyError("what the host has")
        yield from apply(description, actual, changes)

    colours[1].kind = replace(colours[1].kind, apply=applied)
    begin("c", "d", check_for_changes=False)
    (fleet.root / "d/two").write_text("forbidden")
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"d"}
    assert (fleet.root / "c/three").read_text() == "red\ngreen\n"
    assert (
        "@fake/d answered what can't be read: two (KeyError: \"'what the host has'\")"
        in caplog.text
    )
    assert "Traceback" not in caplog.text
