"""Lines of a host are printed with its name, and a failure with its reason."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.host_lines import Advice
from homeport.openssh import printing
from homeport.openssh.printing import Printing
from tests.support.fake_login import keys
from tests.support.ssh_host import Connect, connect, server

__all__ = ["connect", "keys", "server"]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []

    def echo(text: str, **how: Any) -> None:
        lines.append(text)

    monkeypatch.setattr(printing, "echo", echo)
    return lines


@pytest.fixture
def shed(connect: Connect) -> Printing:
    return Printing(connect(opened=False).host)


def test_printing__lines_are_collected_and_shown_if_they_are_to_be(
    shed: Printing, printed: list[str]
) -> None:
    output: list[OutputLine] = []
    shed.lines(output)("stdout", "one")
    assert printed == []
    shed.lines(output, shown=True)("stderr", "two")
    assert [line.line for line in output] == ["one", "two"]
    assert printed == ["[shed] | two"]
    shed.lines(output, shown=True)("stdout", "Success")
    shed.lines(output, shown=True)("stderr", Advice("it is ours. Fix: see."))
    assert printed[1:] == ["[shed] | Success", "[shed] it is ours. Fix: see."]
    shed.command("true")
    assert printed[3:] == ["[shed] >>> true"]


def test_printing__a_failure_is_printed_with_its_reason(
    shed: Printing, printed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert shed.report(True, CommandOutput([]), "file uploaded", shown=False)
    assert printed == []
    assert shed.report(True, CommandOutput([]), "file uploaded", shown=True)
    assert printed == ["[shed] file uploaded"]
    with caplog.at_level(logging.ERROR, "pyinfra"):
        assert not shed.report(False, CommandOutput([]), "file uploaded", shown=True)
        failed = CommandOutput([OutputLine("stderr", "disk full")])
        assert not shed.report(False, failed, "file uploaded", shown=True)
    assert [record.getMessage() for record in caplog.records] == [
        "[shed] it gave no reason",
        "[shed] | disk full",
    ]
