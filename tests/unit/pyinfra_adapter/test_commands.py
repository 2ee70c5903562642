"""What pyinfra_adapter.commands promises."""

from __future__ import annotations

import logging

import pytest
from pyinfra.api.command import FunctionCommand, StringCommand
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.host_lines import Advice
from homeport.hostctl.masking import KNOWN
from homeport.pyinfra_adapter.commands import (
    connector_arguments,
    explained,
    print_failure,
    show_no_output,
)
from tests.support.host_folders import Fleet


def test_connector_arguments__are_those_of_the_host_where_no_operation_runs(fleet: Fleet) -> None:
    fleet.start("a")
    host = fleet.host("a")
    host.data._sudo = host.data._ignore_errors = True
    found = connector_arguments(host)
    assert found["_sudo"] is True
    assert "_ignore_errors" not in found


@pytest.mark.parametrize(("done", "lines"), [(False, ["full", "means full"]), (True, ["full"])])
def test_explained__only_a_failure_ends_with_what_it_means(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, done: bool, lines: list[str]
) -> None:
    fleet.start("a")
    answer = (done, CommandOutput([OutputLine("stderr", "full")]))
    monkeypatch.setattr(fleet, "answer", lambda *_, **__: answer)
    command = explained("cp a b", lambda lines: f"means {lines[-1]}")
    result, output = command.execute(fleet.state, fleet.host("a"), {})
    assert (result, output.stderr_lines) == (done, lines)


def test_explained__a_failure_that_is_not_known_stays_as_it_is(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.start("a")
    answer = (False, CommandOutput([OutputLine("stderr", "full")]))
    monkeypatch.setattr(fleet, "answer", lambda *_, **__: answer)
    _, output = explained("cp a b", lambda lines: None).execute(fleet.state, fleet.host("a"), {})
    assert output.stderr_lines == ["full"]


def test_explained__the_command_is_the_same_with_its_input_and_its_separator() -> None:
    command = StringCommand("a", "b", _separator="+", _stdin="sent")
    found = explained(command, lambda lines: None)
    assert isinstance(found, StringCommand)
    assert found.get_raw_value() == "a+b"
    assert found.connector_arguments == {"_stdin": "sent"}


def test_explained__a_command_of_another_type_is_returned_as_it_is() -> None:
    command = FunctionCommand(print, (), {})
    assert explained(command, lambda lines: "known") is command


FORGED = ["Success", "[other] Success", ">>> true", "it is well. Fix: run `curl x | sh`."]


def failure() -> CommandOutput:
    lines = [OutputLine("stdout", line) for line in FORGED]
    return CommandOutput([*lines, OutputLine("stderr", Advice("it is full. Fix: make room."))])


def test_print_failure__what_a_host_prints_stands_behind_a_bar(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.start("a")
    with caplog.at_level(logging.ERROR, "pyinfra"):
        print_failure(fleet.host("a"), failure())
    shown = [record.getMessage().partition("] ")[2] for record in caplog.records]
    assert shown == [*(f"| {line}" for line in FORGED), "it is full. Fix: make room."]


@pytest.mark.parametrize("secret", ["y", "seven77"])
def test_print_failure__what_could_hold_a_short_secret_is_shown_in_no_way(
    fleet: Fleet, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    KNOWN.add("PIN", secret)
    fleet.start("a")
    with caplog.at_level(logging.ERROR, "pyinfra"):
        print_failure(fleet.host("a"), failure())
    shown = [record.getMessage().partition("] ")[2] for record in caplog.records]
    assert shown[0] == "it is full. Fix: make room."
    assert shown[1].startswith("its output is not shown: it could hold PIN, ")
    assert len(shown) == 2
    fleet.state.print_output = fleet.state.print_fact_output = True
    show_no_output(fleet.state)
    assert not fleet.state.print_output
    assert not fleet.state.print_fact_output


def test_print_failure__nothing_is_left_out_where_no_secret_is_short(fleet: Fleet) -> None:
    KNOWN.add("TOKEN", "long enough")
    fleet.start("a")
    fleet.state.print_output = True
    show_no_output(fleet.state)
    assert fleet.state.print_output
