"""A reversion: everything as it was before a deploy, from whatever point that has come to.

It may be cut off and done again, as often as it takes: it goes by what was kept before the first
change, and by the pointer, which only a confirmation moves. What is damaged of the one is taken
from the generation that the other names; what neither has any more is named.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ..protocol import ACTIVATING, ROLLBACK
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..snapshots import generations, snapshot
from ..snapshots.entry import ABSENT, SnapshotEntry, SnapshotError
from ..snapshots.images import Inspected
from ..system.systemd import UnitFailed
from ..transaction.journal import Journal
from .app_context import AppContext


@dataclass
class Reversion:
    """The reversion of one deploy.

    + booting: while the host starts, when nothing waits
    + again: whether one of this deploy was begun before, and cut off
    + complaints: what went wrong meanwhile; it keeps nothing else from being put back
    + whole: whether all lies there as it did before
    + unserved: why people don't reach what was put back, None if they do
    """

    tools: AppContext
    journal: Journal
    booting: bool = False
    again: bool = False
    complaints: list[str] = field(default_factory=list)
    unserved: str | None = None
    whole: bool = True

    def run(self) -> None:
        """Put all of it back. Raises SnapshotError or OSError if files can't be: do it again."""
        tools, place = self.tools, self.tools.place
        began = self.journal.reached(ACTIVATING) or {}
        pointer = Pointer.read(place)
        old = pointer.slot if pointer else None
        served = slots.slot_spec(place, old)
        found = snapshot.inspect(place.snapshot, self.journal.seal, grows=True)
        had = [image.entry for image in found.images]
        # What serves comes first: it needs none of the files.
        if old and not self.booting and tools.systemd.active(served.units(old)):
            slots.switch(place, served, old, old)
            tools.say(f"slot {old} serves")
        joined = [entry.unit.name for entry in had if entry.unit and entry.kind == ABSENT]
        self._stop(joined)
        changed = self._put_back(found, pointer)
        if old:
            self._serve(served, old)
        elif began.get("slot"):
            slots.unlink(place, AppSpec())
        if made := began.get("slot"):
            self._clear(made, began.get("units", []))
        self._alone(had)
        if not self.booting:
            # A reload ends kept connections. A rollback's snapshot has also what stays as it is.
            knows = self.journal.first.get("what") == ROLLBACK and not self.again
            stale = changed if knows else [entry.path for entry in had]
            self._try(lambda: tools.proxy(stale))
            self._reach(old)

    def _reach(self, old: str | None) -> None:
        """Find out whether people are served again, which is what all of this is for."""
        tools, runs = self.tools, AppSpec.read_or_empty(self.tools.place.processes)
        if runs.proxy_gates(old):
            self._try(tools.start_proxy)
        try:
            tools.gates.reached(runs.all_gates(old))
        except UnitFailed as failed:
            self.unserved = failed.reason

    def _put_back(self, found: Inspected, pointer: Pointer | None) -> list[str]:
        """Put back what the snapshot has, and what is damaged of it from what was confirmed.

        Returns the paths that weren't as they had been.
        """
        place, commands = self.tools.place, self.tools.commands
        damage = [*self.journal.damage, *found.damage]
        written = set(generations.managed(place)) if damage else set()
        restored = snapshot.put_back(found.images, commands, place.root)
        differing = snapshot.differing(found.images, place.root)
        self.complaints += damage
        self.complaints += [f"{path} isn't as it was" for path in differing]
        if not damage:
            self.whole = not differing
            return restored
        known = {image.path for image in found.images}
        try:
            confirmed = generations.verify(place, pointer.generation if pointer else "")
        except SnapshotError as wrong:
            self.complaints.append(str(wrong))
            self.whole = False
            return restored
        # What makes a unit start at boot may have come after the generation: it stays.
        lost = [
            image._replace(entry=image.entry._replace(unit=None))
            for image in confirmed
            if image.path not in known
        ]
        changed = snapshot.put_back(lost, commands, place.root)
        self.complaints += [f"{path} is as it was confirmed last" for path in changed]
        left = written - known - {image.path for image in confirmed}
        joined = sorted(path for path in left if os.path.lexists(place.at(path)))
        self.complaints += [f"{path} is left of what was deployed" for path in joined]
        self.whole = not (joined or differing or snapshot.differing(confirmed, place.root))
        return restored + changed

    def _serve(self, served: AppSpec, old: str) -> None:
        tools, units = self.tools, served.units(old)
        if self.booting:
            return  # it is started when all of this is done
        if not tools.systemd.active(units):
            self._try(lambda: tools.systemd.start(units))
            self._try(lambda: tools.gates.ready(served.gates(old)))
            slots.unlock(tools.place, served, old)
        slots.switch(tools.place, served, old, old)

    def _clear(self, slot: str, units: list[str]) -> None:
        tools = self.tools
        slots.clear(tools.place, tools.systemd, slot, units)
        self._try(tools.systemd.reload)

    def _alone(self, had: list[SnapshotEntry]) -> None:
        """Have what runs outside slots run what was put back, and nothing else run."""
        tools = self.tools
        known = AppSpec.read_or_empty(tools.place.processes).lone
        units = [
            entry.unit
            for entry in had
            # What runs now and then isn't run because it was written anew.
            if entry.unit and (entry.unit.enabled or entry.unit.name in known)
        ]
        self._stop([unit.name for unit in units if not unit.active])
        stale = [unit.name for unit in units if unit.active]
        if self.booting:
            tools.systemd.start_no_block("start", stale)
            return
        shown = tools.systemd.show(stale)
        stale = [unit for unit, s in shown.items() if not (s.active and self._older(s.since))]
        tools.systemd.stop(stale)
        for unit in stale:
            self._try(partial(tools.systemd.start, [unit]))

    def _older(self, since: float) -> bool:
        """Return whether what runs since then was started before anything was written."""
        passed = self.tools.clock.since(self.journal.first.get("moment"))
        return passed is not None and since < self.tools.clock.mono() - passed

    def _stop(self, units: list[str]) -> None:
        if self.booting:
            self.tools.systemd.start_no_block("stop", units)
        else:
            self.tools.systemd.stop(units)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except UnitFailed as failed:
            # As everywhere, what an application wrote is set off from what is ours.
            self.complaints += [failed.reason, *(f"  {line}" for line in failed.log)]
