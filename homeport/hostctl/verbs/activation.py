"""An activation: what is wanted is started beside what runs, judged, and switched to.

Each step is done, then written down, then the next begins. Any of them may be cut off: whatever
was done by then is undone by ``reversion``, which asks only for the first line of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..protocol import (
    ACTIVATING,
    READY,
    RESTARTED,
    SOAKED,
    STARTED,
    SWITCHED,
    UNITS,
    idle_slot,
)
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.health_gates import STEADY
from ..slots.pointer import Pointer
from ..snapshots import generations, snapshot
from ..system import atomic_files
from ..system.exit_codes import CommandFailed
from ..system.systemd import UnitFailed, sync_enabled
from ..transaction.journal import Journal
from ..transaction.states import advance
from .app_context import AppContext

if TYPE_CHECKING:
    from ..shapes import ActivateRequest

FORWARD = (STARTED, READY, RESTARTED, SWITCHED, SOAKED)
BACK = (STARTED, READY, SWITCHED, RESTARTED, SOAKED)
"""To go back is urgent: what serves is switched before the rest is restarted."""


@dataclass(frozen=True)
class Request:
    """The request for an activation, beside the release: units by name.

    + slots: whether what runs in slots has changed
    + restart, enable, stop: units outside slots
    + once: units that run once, with the record that says that they did
    + back: whether this goes back to what was confirmed before
    """

    slots: bool = False
    restart: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    once: tuple[tuple[str, str], ...] = ()
    back: bool = False

    @classmethod
    def of(cls, request: ActivateRequest) -> Request:
        """Return what a controller asks for. Raises KeyError or TypeError."""
        restart, enable, stop = (
            tuple(map(str, request[name])) for name in ("restart", "enable", "stop")
        )
        once = tuple((str(each["unit"]), str(each["record"])) for each in request["once"])
        return cls(bool(request["slots"]), restart, enable, stop, once)


@dataclass
class Activation:
    """The steps, and what they need of each other. ``slot`` is None if no slot is to change."""

    tools: AppContext
    journal: Journal
    request: Request
    runs: AppSpec = field(init=False)
    pointer: Pointer | None = field(init=False)
    slot: str | None = field(init=False)
    gid: str = field(init=False)
    invocations: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Do all of it, up to the point where it waits to be confirmed. Raises ``Failed``."""
        self._begin()
        steps: dict[str, Callable[[], str]] = {
            STARTED: self._start,
            READY: self._ready,
            RESTARTED: self._restart,
            SWITCHED: self._switch,
            SOAKED: self._soak,
        }
        for state in BACK if self.request.back else FORWARD:
            message = steps[state]()
            facts = {"invocations": self.invocations} if state == SOAKED else {}
            advance(self.journal, state, **facts)
            if message:
                self.tools.say(message)

    def _begin(self) -> None:
        tools, place, request = self.tools, self.tools.place, self.request
        self.runs = AppSpec.read(place.processes)
        self.pointer = Pointer.read(place)
        serving = self.pointer.slot if self.pointer else None
        # A slot starts all that it has a copy of: one process less is another slot.
        others = self.runs.slots.keys() != slots.slot_spec(place, serving).slots.keys()
        changed = self.runs.slots and (request.slots or others)
        self.slot = idle_slot(serving) if changed else None
        once = [unit for unit, _ in request.once]
        named = [*request.restart, *request.stop, *request.enable, *once]
        paths = [f"{UNITS}/{unit}" for unit in named]
        current = f"/{place.current.relative_to(place.root)}"
        seal = self.journal.seal
        snapshot.keep(
            place.snapshot, [*paths, current], tools.commands, place.root, known_seal=seal
        )
        known = self.journal.first
        self.gid = generations.keep(place, tools.commands, known).gid
        advance(
            self.journal,
            ACTIVATING,
            slot=self.slot,
            units=self.runs.units(self.slot) if self.slot else [],
            generation=self.gid,
            release=self.runs.release,
            back=request.back,
            index=snapshot.seal(place.snapshot)._asdict(),
        )

    def _start(self) -> str:
        tools, place, slot = self.tools, self.tools.place, self.slot
        if self.runs.release:
            for path in (self.runs.release, f"{self.runs.release}/venv"):
                if not place.at(path).is_dir():
                    # It was removed since the plan was made: nothing is known against it.
                    raise CommandFailed(f"{path} is not there any more. Fix: deploy again")
            atomic_files.link(place.current, self.runs.release)
        for unit, record in self.request.once:
            self._once(unit, record)
        if slot is None:
            return ""
        units = self.runs.units(slot)
        if slots.generation(place, slot) == self.gid and tools.systemd.active(units):
            return f"slot {slot} still runs"
        slots.prepare(place, tools.systemd, slot, self.gid)
        tools.systemd.start(units)
        return f"slot {slot} is started"

    def _once(self, unit: str, record: str) -> None:
        systemd = self.tools.systemd
        try:
            systemd.start([unit])
        except UnitFailed as failed:
            raise UnitFailed(
                f"{unit} failed, and the next deploy runs it again", failed.log
            ) from None
        if not self.tools.place.at(record).exists():
            raise UnitFailed(f"{unit} ran, and left no record that it did", systemd.log_of(unit))
        self.tools.say(f"{unit} has run")

    def _ready(self) -> str:
        if self.slot is None:
            return ""
        gates = self.runs.gates(self.slot)
        self.invocations |= self.tools.gates.ready(gates)
        slots.unlock(self.tools.place, self.runs, self.slot)
        self.tools.gates.reachable(gates, self.invocations)
        return f"slot {self.slot} is ready"

    def _restart(self) -> str:
        tools, request = self.tools, self.request
        served = slots.slot_spec(tools.place, self.pointer.slot if self.pointer else None)
        # What has become a process outside slots may be one that must be alone.
        displaced = [
            process.at(self.pointer.slot)
            for name, process in served.slots.items()
            if self.pointer and self.pointer.slot and name in self.runs.singles
        ]
        tools.systemd.stop([*request.stop, *displaced, *request.restart])
        gates = [self.runs.gate(unit) for unit in request.restart]
        try:
            tools.systemd.start(request.restart)
        except UnitFailed as failed:
            raise tools.gates.explained(failed, gates) from None
        # Who watches them longer in a moment needn't wait for them now.
        steady = 0.0 if self.runs.soak >= STEADY else STEADY
        self.invocations |= tools.gates.ready(gates, steady)
        tools.systemd.enable(request.enable)
        sync_enabled(tools.place.units)
        return f"restarted {', '.join(request.restart)}" if request.restart else ""

    def _switch(self) -> str:
        if self.slot is None:
            return ""
        serving = self.pointer.slot if self.pointer else None
        slots.switch(self.tools.place, self.runs, self.slot, serving or self.slot)
        return f"slot {self.slot} serves"

    def _soak(self) -> str:
        # A timer may run its unit at any time, and is the same all the while.
        gates = self.runs.gates(self.slot) if self.slot else []
        gates += [self.runs.gate(unit) for unit in self.request.restart]
        # Also where the process behind the proxy isn't new, people are to be served.
        served = self.slot or (self.pointer.slot if self.pointer else None)
        known = {gate.unit for gate in gates}
        gates += [g for g in self.runs.proxy_gates(served) if g.unit not in known]
        self.tools.gates.soak(gates, self.invocations, self.runs.soak)
        return f"well for {self.runs.soak:g} s"
