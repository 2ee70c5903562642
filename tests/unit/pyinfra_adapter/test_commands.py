"""What pyinfra_adapter.commands promises."""

from __future__ import annotations

import pytest
from pyinfra.api.command import FunctionCommand, StringCommand
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.pyinfra_adapter.commands import connector_arguments, explained
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
