"""The sandbox in which a host runs code that isn't ours: a unit of its own, for a limited time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from homeport.hostctl import protocol


@dataclass(frozen=True)
class Sandbox:
    """The transient unit that a command runs in, and how a command is run in it.

    + unit: the first part of its name
    + program: what runs the unit, and says why a command fails without repeating a secret
    + run: what starts a command of a release
    + secrets: the file of what is never repeated
    + library: the folder of the host program, which masks it
    + properties: of the unit, as systemd-run takes them
    """

    unit: str
    program: str
    run: str
    secrets: str
    properties: tuple[str, ...]
    library: str = protocol.LIBRARY

    def command(
        self, release: str, words: str, failure: str, seconds: int, *, shown: bool = False
    ) -> str:
        """Return the line of shell that runs a command of a release, and fails as it does.

        `release` and `words` are shell. `failure` begins the message. What runs longer than
        `seconds` is killed, and with the command ends all that it has started. The line reads
        nothing of the script's standard input; `shown` has it print what the command prints.
        """
        line = [
            *("/usr/bin/python3", "-I", "-S", "-B", self.program, *(["-s"] if shown else [])),
            *(self.library, self.unit, failure, str(seconds)),
            *(f"--property={line}" for line in self.properties),
        ]
        started = f"--setenv=HOMEPORT_RELEASE={release} {quote(self.run)} {words}"
        return f"{' '.join(map(quote, line))} {started} <{quote(self.secrets)}"


def escaped(words: Sequence[str]) -> str:
    """Return words as shell; systemd fills in variables in the words of a command."""
    return " ".join(quote(word.replace("$", "$$")) for word in words)
