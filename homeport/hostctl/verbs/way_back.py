"""The way back to a generation: its files are put in their places, and the host switches to them.

It needs nothing but this host: not the controller that made what is gone back to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..protocol import UNITS, WRITING, idle_slot
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..snapshots import generations, secret_values, snapshot
from ..snapshots.entry import SnapshotError, is_unit
from ..snapshots.generations import Generation
from ..snapshots.images import Image
from ..system import atomic_files
from ..system.paths import AppPaths
from ..system.systemd import UnitFailed
from ..transaction.journal import Journal
from ..transaction.states import advance
from .activation import Activation, Request
from .app_context import AppContext

PATIENCE = 3.0
"""Seconds in which a slot that still runs has to answer, or it is treated like any other."""


def go_back(
    tools: AppContext, journal: Journal, goal: Generation, old_secrets: bool = False
) -> None:
    """Put the files of a generation in their places, and switch to them. Raises CommandFailed.

    Its secrets are those that the host has now, unless the old ones are wanted.
    """
    place, root = tools.place, tools.place.root
    images = generations.verify(place, goal.gid)
    if not old_secrets:
        images, left = secret_values.replaced(place, images, secret_values.of_host(place))
        for each in left:
            tools.say(f"secret {each} is too short to be known there: it is as it was then")
    then = [image.path for image in images]
    now = _paths_now(place)
    snapshot.keep(place.snapshot, [*now, *then], tools.commands, root)
    advance(journal, WRITING, goal=goal.gid, index=snapshot.seal(place.snapshot)._asdict())
    leaving = sorted(set(now) - set(then), reverse=True)
    _leave(tools, leaving)
    changed = {*leaving, *snapshot.put_back(images, tools.commands, root)}
    _require(place, images)
    tools.proxy(changed)
    runs = AppSpec.read(place.processes)
    singles = [single.unit for single in runs.singles.values()]
    timers = [unit for unit in runs.timers if f"{UNITS}/{unit}" in changed]
    restart = tuple(singles + timers)
    request = Request(bool(runs.slots), restart, enable=tuple(runs.lone), back=True)
    Activation(tools, journal, request).run()


def switch_if_running(tools: AppContext, goal: Generation) -> None:
    """Switch at once if what is gone back to still runs: it needs none of the files.

    The way back from here is that of any deploy that is open.
    """
    place, pointer = tools.place, Pointer.read(tools.place)
    slot = idle_slot(pointer.slot) if pointer and pointer.slot else None
    if not slot or not pointer or slots.generation(place, slot) != goal.gid:
        return
    runs = slots.slot_spec(place, slot)
    if runs.slots and tools.systemd.active(runs.units(slot)):
        try:
            # It was judged when it began, and a rollback is urgent.
            once = [replace(gate, deadline=PATIENCE, successes=1) for gate in runs.gates(slot)]
            tools.gates.ready(once)
        except UnitFailed:
            return  # it has more time, and is asked what it knows, when its files are there
        slots.switch(place, runs, slot, pointer.slot or slot)
        tools.say(f"slot {slot} serves")


def _paths_now(place: AppPaths) -> list[str]:
    """Return what is managed now: as it was confirmed, since a ledger may be damaged."""
    pointer, listed = Pointer.read(place), generations.paths(place)
    try:
        confirmed = generations.verify(place, pointer.generation if pointer else "")
    except SnapshotError:
        return listed
    return [image.path for image in confirmed]


def _require(place: AppPaths, images: Sequence[Image]) -> None:
    """Raise SnapshotError unless all that is managed is as these images, and nothing else is."""
    wrong = snapshot.differing(images, place.root)
    if not wrong and generations.name(place) != generations.name_of_images(place, images):
        wrong = ["what its ledgers name"]
    if wrong:
        raise SnapshotError(f"not as it is kept, after it was put back: {', '.join(wrong)}")


def _leave(tools: AppContext, paths: Sequence[str]) -> None:
    units = [Path(path).name for path in paths if is_unit(path)]
    tools.systemd.stop(units)
    tools.systemd.disable(units)
    for path in map(tools.place.at, paths):
        if not path.is_dir() or path.is_symlink():
            atomic_files.remove(path)
        elif not any(path.iterdir()):
            path.rmdir()
