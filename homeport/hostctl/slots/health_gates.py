"""Gates: what must be well before the next step, and what is said of that which isn't.

A process is judged where it listens itself, never through a proxy: that would hide a bad one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..protocol import SLOT_VARIABLE
from ..system.clock import Clock
from ..system.subprocesses import Commands
from ..system.systemd import Systemd, UnitFailed

PAUSE = 0.2
STEADY = 1.0
"""Seconds: a process that dies right after its start is "active" for a moment."""


@dataclass(frozen=True)
class Gate:
    """A gate that a process has to pass.

    + question: the program and its arguments that say whether it is ready, nothing if none can
    + slot: which slot's process is asked, None if it doesn't run in slots
    + successes: answers in a row
    """

    unit: str
    question: tuple[str, ...] = ()
    slot: str | None = None
    deadline: float = 90
    successes: int = 1


@dataclass(frozen=True)
class Gates:
    """The gates of one host."""

    commands: Commands
    systemd: Systemd
    clock: Clock

    def ready(self, gates: Sequence[Gate], steady: float = STEADY) -> dict[str, str]:
        """Wait until all are ready; return the invocation of each. Raises ``Failed``.

        + steady: seconds after which one that can't be asked is taken for ready, if it is still up
        """
        units = [gate.unit for gate in gates]
        first = {unit: shown.invocation for unit, shown in self.systemd.show(units).items()}
        began = self.clock.mono()
        for gate in gates:
            self._ready(gate, first, began)
        if any(not gate.question for gate in gates):
            self.clock.sleep(max(0.0, began + steady - self.clock.mono()))
        self.steady(first)
        return first

    def _ready(self, gate: Gate, first: Mapping[str, str], began: float) -> None:
        in_a_row, status = 0, "no answer yet"
        while gate.question:
            wrong = self._wrong(gate)
            in_a_row = 0 if wrong else in_a_row + 1
            if in_a_row >= gate.successes:
                return
            status = wrong or f"{in_a_row} of {gate.successes} good answers in a row"
            self.steady({gate.unit: first[gate.unit]})
            if self.clock.mono() - began >= gate.deadline:
                reason = f"{gate.unit} did not get ready in {gate.deadline:g} s: {status}"
                raise UnitFailed(reason, self.systemd.log_of(gate.unit))
            self.clock.sleep(PAUSE)

    def steady(self, invocations: Mapping[str, str]) -> None:
        """Raise ``Failed`` unless each unit is active, and is the start of it that it was."""
        for unit, shown in self.systemd.show(invocations).items():
            if not shown.active or shown.invocation != invocations[unit]:
                raise UnitFailed(f"{unit} did not stay up", self.systemd.log_of(unit))

    def soak(self, gates: Iterable[Gate], invocations: Mapping[str, str], seconds: float) -> None:
        """Judge each second, for so many seconds; raises ``Failed``."""
        checked = [gate for gate in gates if gate.question]
        until = self.clock.mono() + seconds
        while True:
            self.steady(invocations)
            for gate in checked:
                if wrong := self._wrong(gate):
                    reason = f"{gate.unit} was ready, and then was not: {wrong}"
                    raise UnitFailed(reason, self.systemd.log_of(gate.unit))
            left = until - self.clock.mono()
            if left <= 0:
                return
            self.clock.sleep(min(1.0, left))

    def _wrong(self, gate: Gate) -> str | None:
        env = {SLOT_VARIABLE: gate.slot} if gate.slot else None
        done = self.commands.run(list(gate.question), env=env, timeout=gate.deadline)
        if done.code == 0:
            return None
        return " ".join((done.out or done.err).split()) or f"exit code {done.code}"
