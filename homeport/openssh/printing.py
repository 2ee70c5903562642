"""The lines that a user reads of the commands of one host, with its name in front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyinfra import logger
from pyinfra.api.host import Host
from pyinfra.api.output import echo, format_text
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.host_lines import Advice, barred
from homeport.openssh.process import OUT


@dataclass(frozen=True)
class Printing:
    """The lines that a user reads of one host."""

    host: Host

    def command(self, text: str) -> None:
        """Print a command that is run."""
        echo(f"{self.host.print_prefix}>>> {text}", err=True)

    def lines(self, output: list[OutputLine], *, shown: bool = False) -> Callable[[str, str], None]:
        """Return what appends each line to an output, and prints it if lines are shown."""

        def take(name: str, text: str) -> None:
            output.append(OutputLine(name, text))
            if shown:
                self.line(name, text)

        return take

    def line(self, name: str, text: str) -> None:
        """Print a line of one of its streams."""
        line = barred(text) if name == OUT else format_text(barred(text), "red")
        echo(f"{self.host.print_prefix}{line}", err=True)

    def report(self, done: bool, output: CommandOutput, what: str, *, shown: bool) -> bool:
        """Print what was done if that is shown, and why it wasn't in any case; return ``done``."""
        if not done:
            for text in output.stderr_lines or [Advice("it gave no reason")]:
                logger.error(f"{self.host.print_prefix}{format_text(barred(text), 'red')}")
        elif shown:
            echo(f"{self.host.print_prefix}{what}", err=True)
        return done
