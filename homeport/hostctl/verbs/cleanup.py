"""The cleanup after a deploy has ended: it stops the old slot and removes what is old."""

from __future__ import annotations

from ..protocol import SLOTS
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..snapshots.prune import prune
from ..system.exit_codes import DONE
from ..system.mutex import exclusive
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
    """Stop and remove the slot that doesn't serve, with the links to it; prune."""
    place, pointer = tools.place, Pointer.read(tools.place)
    serving = pointer.slot if pointer else None
    runs = slots.slot_spec(place, serving) if serving else AppSpec()
    if serving:
        slots.switch(place, runs, serving, serving)
    slots.unlink(place, runs)
    idle = [slot for slot in SLOTS if slot != serving and (place.slots / slot).exists()]
    for slot in idle:
        slots.clear(place, tools.systemd, slot)
    if idle:
        tools.systemd.reload()
    for path in prune(place):
        tools.say(f"removed {path}")
