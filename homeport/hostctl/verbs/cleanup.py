"""The cleanup after a deploy has ended: it stops the old slot and removes what is old."""

from __future__ import annotations

from ..protocol import SLOTS, SOAKED
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer, repair
from ..snapshots.prune import prune
from ..system import atomic_files
from ..system.exit_codes import DONE
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..transaction.journal import Journal
from .app_context import AppContext
from .context import Context


def cleanup(host: Context, args: list[str]) -> int:
    """Clear up after a deploy that has ended: the verb ``cleanup APP``. It may be cut off.

    Returns DONE.
    """
    place = host.place(args[0])
    tools = AppContext(host, place)
    pointer = Pointer.read(place)
    # Requests that the old slot has accepted are answered, and it is there to go back to.
    host.clock.sleep(slots.slot_spec(place, pointer.slot if pointer else None).drain_timeout)
    with exclusive(place):
        # The next deploy needs the slot that is idle, and ends with this as well.
        if host.journal(place) is None:
            clear_up(tools)
    return DONE


def clear_up(tools: AppContext) -> None:
    """Stop and remove the slot that doesn't serve, with the links to it; prune.

    It stays, and stands by, if what serves did not stay up since it was confirmed.
    """
    place = tools.place
    if repair(place):
        tools.say(f"{place.active} was damaged, and is written anew from the last journal")
    pointer = Pointer.read(place)
    serving = pointer.slot if pointer else None
    runs = slots.slot_spec(place, serving) if serving else AppSpec()
    idle = idle_slots(place)
    if serving:
        standby = _standby(tools, runs.units(serving), idle)
        slots.switch(place, runs, serving, standby or serving)
        idle = [slot for slot in idle if slot != standby]
    slots.unlink(place, runs)
    for slot in idle:
        slots.clear(place, tools.systemd, slot)
    if idle:
        tools.systemd.reload()
    for path in prune(place):
        tools.say(f"removed {path}")


def idle_slots(place: AppPaths) -> list[str]:
    """Return the slots that are there, and don't serve."""
    pointer = Pointer.read(place)
    serving = pointer.slot if pointer else None
    return [slot for slot in SLOTS if slot != serving and (place.slots / slot).exists()]


def _standby(tools: AppContext, serving: list[str], idle: list[str]) -> str | None:
    """Return the idle slot that still runs, if one of these units fell since it was soaked."""
    place = tools.place
    last = Journal(place, tools.clock, atomic_files.records(place.last_journal))
    was = (last.reached(SOAKED) or {}).get("invocations", {})
    shown = tools.systemd.show(unit for unit in serving if unit in was)
    fallen = [u for u, now in shown.items() if not now.active or now.invocation != was[u]]
    for slot in idle if fallen else ():
        units = slots.slot_spec(place, slot).units(slot)
        if units and tools.systemd.active(units):
            tools.say(f"{fallen[0]} did not stay up, so slot {slot} stands by for it")
            return slot
    return None
