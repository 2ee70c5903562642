"""Phases on real pyinfra: looked at once, looked at again after a change, failing alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from pyinfra.api.exceptions import OperationError
from pyinfra.api.operation import add_op
from pyinfra.operations import server

from homeport.engine import run
from homeport.engine.phase import operation_for
from tests.support.colour_kinds import (
    DESCRIPTION,
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


def test_phase__an_ordinary_operation_in_between_is_not_overlooked(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    one, two, three = operations(colours)
    fleet.add(one)
    fleet.add(server.shell, commands=["echo red >two"])
    fleet.add(two, three)
    fleet.run()
    assert (fleet.root / "a/two").read_text().split() == ["red", "green"]
    # Before all, after the ordinary operation, and after what that made necessary.
    assert len(fleet.probes["a"]) == 3


def test_phase__a_plan_names_once_each_ordinary_operation_that_it_looks_past(
    fleet: Fleet, colours: list[Colour], begin: Begin, messages: Callable[[], list[str]]
) -> None:
    begin("a")
    one, two, three = operations(colours)
    fleet.add(server.shell, name="First", commands=["true"])
    fleet.add(one, two)
    assert messages() == ["First  (not predicted)"]
    fleet.add(server.shell, name="Second", commands=["true"])
    fleet.add(server.shell, name="Third", commands=["true"], _if=lambda: False)
    fleet.add(three)
    assert messages()[1:] == [
        "Second  (not predicted)",
        "Third  (not predicted; runs if its condition holds)",
    ]
    fleet.run()
    assert len(messages()) == 3


def test_phase__an_ordinary_operation_that_would_change_nothing_is_not_named(
    fleet: Fleet, colours: list[Colour], begin: Begin, messages: Callable[[], list[str]]
) -> None:
    begin("a")
    fleet.add(server.shell, name="Idle", commands=[])
    fleet.add(*operations(colours))
    fleet.run()
    assert messages() == []


def test_phase__an_ordinary_operation_is_named_without_its_arguments(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begin("a")
    fleet.add(server.shell, commands=["echo hunter2 >/dev/null"])
    fleet.add(*operations(colours))
    assert "custom          ? server.shell  (not predicted)" in caplog.text
    assert "hunter2" not in caplog.text


def test_phase__without_the_preparing_pass_what_has_run_needs_no_warning(
    fleet: Fleet, colours: list[Colour], begin: Begin, messages: Callable[[], list[str]]
) -> None:
    begin("a", check_for_changes=False)
    fleet.add(server.shell, name="First", commands=["true"])
    fleet.add(*operations(colours))
    fleet.run()
    assert messages() == []


def test_phase__each_host_is_told_of_what_is_to_run_on_itself(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begin("a", "b")
    add_op(fleet.state, server.shell, name="First", commands=["true"], host=fleet.host("b"))
    fleet.add(*operations(colours))
    (line,) = [r.getMessage() for r in caplog.records if "not predicted" in r.getMessage()]
    assert line.startswith(fleet.host("b").print_prefix)


def test_phase_whose_kind_nobody_named_at_the_beginning_is_one_message(
    fleet: Fleet,
    colours: list[Colour],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    fleet.start("a", "b")
    one, two, _ = colours
    fleet.on_each(lambda: run.start_run([one.kind], DESCRIPTION))
    fleet.add(one.converge(), two.converge())
    assert fleet.failed() == {"a", "b"}
    assert "two: this phase was not announced. Fix: name two.KIND among" in caplog.text
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def test_phase_before_the_beginning_is_an_error_that_pyinfra_shows_as_one_message(
    fleet: Fleet, colours: list[Colour]
) -> None:
    fleet.start("a")
    with pytest.raises(OperationError, match=r"no start_run\(...\) before its first phase"):
        fleet.add(colours[0].converge())


def test_phase_of_a_kind_that_only_probes_changes_nothing_and_refuses_a_diff_that_would(
    fleet: Fleet, colours: list[Colour], caplog: pytest.LogCaptureFixture
) -> None:
    probing = replace(colours[0].kind, apply=None)
    fleet.start("a", "b")
    fleet.on_each(lambda: run.start_run([probing], DESCRIPTION))
    (fleet.root / "a/one").write_text("red green\n")
    fleet.add(operation_for(probing))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands == {"a": [], "b": []}
    assert "the kind one has changes, and no apply that makes them. Fix: " in caplog.text


def test_phase_that_is_called_without_a_name_has_that_of_its_kind(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    names = [name for meta in fleet.state.op_meta.values() for name in meta.names]
    assert names == ["one.converge", "two.converge", "three.converge"]


def test_phase_that_comes_again_is_planned_anew(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    (fleet.root / "a/one").unlink()
    one, two, three = operations(colours)
    fleet.add(one, two, three, one)
    fleet.run()
    assert (fleet.root / "a/one").read_text() == "red\ngreen\n"


def test_phase__a_preparing_pass_changes_nothing(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    assert fleet.commands == {"a": []}
    assert list((fleet.root / "a").iterdir()) == []


def test_phase__a_command_that_fails_fails_its_host_and_no_later_phase_runs_there(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    (fleet.root / "a/two").mkdir()
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"a"}
    assert not (fleet.root / "a/three").exists()
    assert (fleet.root / "b/three").exists()
