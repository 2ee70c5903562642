"""The plan of a host's own work, such as a rollback: the host makes it, and says what it is for.

Its basis goes back to the host with the request: the host refuses if it has moved in between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from shlex import quote
from typing import NamedTuple, Never

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeOutput,
)
from homeport.hostctl import protocol
from homeport.hostctl.plain_text import one_line

ITSELF = "homeportctl: "
NOT_THERE = "homeportctl is not on this host; deploy to it with deploy.py"


class HostPlan(NamedTuple):
    """The plan, in lines; ``basis`` is the JSON by which the host knows its state of then."""

    lines: tuple[str, ...]
    basis: str

    @property
    def words(self) -> list[str]:
        """The words that tell the host program of the basis."""
        return ["--basis", self.basis]


def kind_of(
    name: str, words: Callable[[DesiredState], Iterable[Sequence[str]]]
) -> Kind[HostPlan, Never]:
    """Return the kind that has nothing to change: what is changed, the host decides.

    + words: those by which the host program is asked for the work
    """

    def probe(description: DesiredState, key: str) -> str:
        return "".join(map(_dry, words(description))) or ":\n"

    def parse(answer: ProbeOutput) -> HostPlan:
        lines = answer.lines
        if len(lines) == 1 and lines[0].startswith("{"):
            found = json.loads(lines[0])
            basis = json.dumps(found["basis"], separators=(",", ":"))
            return HostPlan(tuple(map(one_line, found["plan"])), basis)
        reasons = [one_line(line.removeprefix(ITSELF)) for line in lines]
        raise PreconditionError(f"{name} refused: {'; '.join(reasons) or NOT_THERE}")

    def diff(
        description: DesiredState, actual: HostPlan, pending: PendingTargets = NOTHING
    ) -> list[Change[Never]]:
        return []

    return Kind(name, probe, parse, diff)


def _dry(words: Sequence[str]) -> str:
    """Return the shell that has the host program say what it would do; it does nothing of it."""
    program = quote(protocol.PROGRAM)
    line = " ".join(map(quote, (*words, "--dry", "--json")))
    return f"if [ -x {program} ]; then {program} {line} 2>&1 || :; fi\n"
