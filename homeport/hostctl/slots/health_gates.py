"""Gates: what must be well before the next step, and what is said of that which isn't.

A process is judged where it listens itself, which no proxy can hide, and then by the proxy, as
those who use it find it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..protocol import ACTIVE_SLOT, SLOT_VARIABLE
from ..serving import bind_errors, listeners
from ..serving.finding import LASTING, Finding
from ..serving.proxy_check import ProxyCheck
from ..system.clock import Clock
from ..system.subprocesses import Commands
from ..system.systemd import Systemd, UnitFailed

PAUSE = 0.2
STEADY = 1.0
"""Seconds: a process that dies right after its start is "active" for a moment."""
SETTLED = 3.0
"""Seconds after which a proxy that was told to read its files again has done so."""
RETRIES = 6.0
"""Seconds in which a process may try again to have a port that its log says it can't have."""
CERTAIN = 3
"""So many times in a row is found what waiting doesn't change, before it is believed."""


class HostFailed(UnitFailed):
    """The failure of something to run for which no release is to blame, but its host."""


@dataclass(frozen=True)
class Gate:
    """A gate that a process has to pass.

    + question: the program and its arguments that say whether it is ready, nothing if none can
    + slot: which slot's process is asked, None if it doesn't run in slots
    + successes: answers in a row
    + port: where it listens itself, 0 if on no port
    + proxy: how it is asked by the proxy, None if it isn't behind it
    """

    unit: str
    question: tuple[str, ...] = ()
    slot: str | None = None
    deadline: float = 90
    successes: int = 1
    port: int = 0
    proxy: ProxyCheck | None = None

    @property
    def judged(self) -> bool:
        """Whether more can be asked of it than that it stays up."""
        return bool(self.question or self.port)


@dataclass(frozen=True)
class Gates:
    """The gates of one host."""

    commands: Commands
    systemd: Systemd
    clock: Clock
    root: Path = Path("/")

    def ready(self, gates: Sequence[Gate], steady: float = STEADY) -> dict[str, str]:
        """Wait until all are ready; return the invocation of each. Raises ``UnitFailed``.

        + steady: seconds after which one that can't be asked is taken for ready, if it is still up
        """
        units = [gate.unit for gate in gates]
        first = {unit: shown.invocation for unit, shown in self.systemd.show(units).items()}
        began = self.clock.mono()
        for gate in gates:
            if gate.judged:
                self._wait(gate, partial(self._wrong, gate), first, began)
        if any(not gate.judged for gate in gates):
            self.clock.sleep(max(0.0, began + steady - self.clock.mono()))
        self.steady(first)
        return first

    def reachable(self, gates: Iterable[Gate], invocations: Mapping[str, str]) -> None:
        """Wait until the proxy reaches each that is behind it in its own slot, before a switch.

        Raises ``UnitFailed``.
        """
        began = self.clock.mono()
        for gate in gates:
            if gate.proxy and (slot := gate.slot):
                self._wait(gate, partial(self._by_proxy, gate, slot), invocations, began)

    def served(self, gates: Iterable[Gate], patience: float = SETTLED) -> None:
        """Raise ``UnitFailed`` unless each that is behind the proxy is what it serves.

        + patience: seconds in which it may come to be so
        """
        until = self.clock.mono() + patience
        for gate in gates:
            while wrong := self._by_proxy(gate, ACTIVE_SLOT):
                if self.clock.mono() >= until:
                    raise self._failed(gate, f"{gate.unit} is not served: {wrong.text}", wrong)
                self.clock.sleep(PAUSE)

    def reached(self, gates: Iterable[Gate]) -> None:
        """Wait until people reach each, by the proxy or on its port. Raises ``UnitFailed``."""
        known, began = list(gates), self.clock.mono()
        shown = self.systemd.show([gate.unit for gate in known])
        for gate in known:
            if not shown[gate.unit].active:
                raise UnitFailed(f"{gate.unit} is {shown[gate.unit].state}")
        first = {unit: state.invocation for unit, state in shown.items()}
        for gate in known:
            self._wait(
                replace(gate, successes=1), partial(self.wrong_for_people, gate), first, began
            )

    def wrong_for_people(self, gate: Gate) -> Finding | None:
        """Return why people don't reach a process on its port or by the proxy, None if they do."""
        taken = listeners.stranger(gate.unit, gate.port, self.root) if gate.port else None
        return taken or self._by_proxy(gate, ACTIVE_SLOT)

    def _wait(
        self,
        gate: Gate,
        judge: Callable[[], Finding | None],
        first: Mapping[str, str],
        began: float,
    ) -> None:
        in_a_row, lasting, last_read = 0, 0, began
        while True:
            wrong = judge()
            in_a_row = 0 if wrong else in_a_row + 1
            lasting = lasting + 1 if wrong and wrong.lasting else 0
            if in_a_row >= gate.successes:
                return
            status = wrong.text if wrong else f"{in_a_row} of {gate.successes} good answers"
            self.steady({gate.unit: first[gate.unit]}, gate)
            if lasting >= CERTAIN:
                raise self._failed(gate, f"{gate.unit} does not get ready: {status}", wrong)
            if gate.port and self.clock.mono() - last_read >= RETRIES:
                last_read = self.clock.mono()
                self._refused_bind(gate, status)
            if self.clock.mono() - began >= gate.deadline:
                reason = f"{gate.unit} did not get ready in {gate.deadline:g} s: {status}"
                raise self._failed(gate, reason, wrong)
            self.clock.sleep(PAUSE)

    def _refused_bind(self, gate: Gate, status: str) -> None:
        """Raise ``UnitFailed`` if the log of a process that goes on says why it can't listen."""
        if listeners.listens(gate.port, self.root):
            return
        log = self.systemd.log_of(gate.unit)
        if why := bind_errors.explain(log, gate.port, self.root):
            raise _kind(why)(f"{gate.unit} does not get ready: {status}: {why.text}", log)

    def _failed(self, gate: Gate, reason: str, wrong: Finding | None) -> UnitFailed:
        return _kind(wrong)(reason, self.systemd.log_of(gate.unit))

    def steady(self, invocations: Mapping[str, str], gate: Gate | None = None) -> None:
        """Raise ``UnitFailed`` unless each unit is active, and is the start of it that it was.

        + gate: that of the unit, if there is one: it may say why
        """
        for unit, shown in self.systemd.show(invocations).items():
            if not shown.active or shown.invocation != invocations[unit]:
                failed = UnitFailed(f"{unit} did not stay up", self.systemd.log_of(unit))
                raise self.explained(failed, [gate] if gate else [])

    def explained(self, failed: UnitFailed, gates: Iterable[Gate]) -> UnitFailed:
        """Return a failure with what kept one of these from its port, if its log says so."""
        found = (bind_errors.explain(failed.log, gate.port, self.root) for gate in gates)
        why = next(filter(None, found), None)
        return _kind(why)(f"{failed.reason}: {why.text}", failed.log) if why else failed

    def soak(self, gates: Iterable[Gate], invocations: Mapping[str, str], seconds: float) -> None:
        """Judge each second, for so many seconds; raises ``UnitFailed``."""
        known = list(gates)
        self.served(known)
        until = self.clock.mono() + seconds
        while True:
            self.steady(invocations)
            for gate in known:
                if wrong := self._wrong(gate):
                    reason = f"{gate.unit} was ready, and then was not: {wrong.text}"
                    raise self._failed(gate, reason, wrong)
            self.served(known, patience=0)
            left = until - self.clock.mono()
            if left <= 0:
                return
            self.clock.sleep(min(1.0, left))

    def _wrong(self, gate: Gate) -> Finding | None:
        if gate.port and (wrong := listeners.stranger(gate.unit, gate.port, self.root)):
            return wrong
        if not gate.question:
            return None
        env = {SLOT_VARIABLE: gate.slot} if gate.slot else None
        done = self.commands.run(list(gate.question), env=env, timeout=gate.deadline)
        if done.code == 0:
            return None
        text = " ".join((done.out or done.err).split()) or f"exit code {done.code}"
        return Finding(text, lasting=done.code == LASTING)

    def _by_proxy(self, gate: Gate, place: str) -> Finding | None:
        if gate.proxy is None:
            return None
        return gate.proxy.run(self.commands, self.systemd, gate.unit, place, self.root)


def _kind(wrong: Finding | None) -> type[UnitFailed]:
    return HostFailed if wrong and wrong.of_host else UnitFailed
