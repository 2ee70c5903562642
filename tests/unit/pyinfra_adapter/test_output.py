"""What pyinfra_adapter.output promises."""

from __future__ import annotations

import io
import sys

import click
import pytest
from pyinfra.api import output as pyinfra_output

from homeport.hostctl import masking
from homeport.pyinfra_adapter import output
from homeport.pyinfra_adapter.output import colour_by_number, print_plainly, shown, styled

red = styled(click.style)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal that this process prints on."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(click, "style", click.style)
    monkeypatch.setattr(click.termui, "style", click.termui.style)
    monkeypatch.setattr(pyinfra_output, "_format_text", pyinfra_output._format_text)
    print_plainly()
    colour_by_number()
    return screen


def test_output__a_colour_of_ours_is_one_and_that_of_a_host_is_text() -> None:
    assert shown(red("bad", "red")) == "\x1b[31mbad\x1b[0m"
    assert shown(red("\x1b[32mgood\x1b[0m", "red")) == "\x1b[31m\\x1b[32mgood\\x1b[0m\x1b[0m"
    assert shown("\x1b[32mgood\x1b[0m") == r"\x1b[32mgood\x1b[0m"
    assert shown(red(f"[{red('pi', bold=True)}] \x1b[2J", "red")) == (
        "\x1b[31m[\x1b[1mpi\x1b[0m] \\x1b[2J\x1b[0m"
    )
    assert shown(f"\x1b[{output.NUMBER + 1};31mx") == rf"\x1b[{output.NUMBER + 1};31mx"


def test_output__the_line_of_progress_is_written_over_and_nothing_else_is() -> None:
    assert shown("    - 1/2\r") == "    - 1/2\r"
    assert shown("\x1b[K") == "\x1b[K"
    assert shown("a\rb\r\n") == "a\\x0db\\x0d\n"


def test_output__every_way_out_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = plain_terminal(monkeypatch)
    hostile = "\x1b]52;c;eA==\x07\x1b[1A\x9b2K\u202e"
    print(hostile)
    print(hostile, file=sys.stderr)
    sys.stderr.write(hostile)
    click.echo(hostile, err=True)
    click.secho(hostile, fg="green", err=True)
    pyinfra_output.set_echo(click.echo)
    pyinfra_output.echo(pyinfra_output.format_text(hostile, "red"), err=True)
    text = terminal.getvalue()
    for piece in ("\x1b[32m", "\x1b[31m", "\x1b[0m"):
        assert piece in text
        text = text.replace(piece, "")
    assert not any(each in text for each in "\x1b\x07\x9b\u202e\r")
    assert text.count(r"\x1b]52;c;eA==\x07") == 6


def test_output__a_secret_that_was_read_is_never_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = plain_terminal(monkeypatch)
    monkeypatch.setattr(output, "KNOWN", masking.Masks({"TOKEN": "correct-horse"}))
    print("it is correct-horse, or CORRECT-HOR")
    click.echo(click.style("it is correct-horse", "red"), err=True)
    assert "orrect" not in terminal.getvalue().lower()
    assert terminal.getvalue().count("(TOKEN)") == 3
