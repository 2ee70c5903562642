"""At boot: what wasn't confirmed is undone, and what was confirmed serves again.

The runtime directory is empty then, and slots are never enabled: nothing runs from a slot until
this has said which. Nothing is waited for: what is started may be ordered after us.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from ..protocol import INCOMPLETE as INCOMPLETELY
from ..protocol import SLOTS, VersionError
from ..slots import pointer as pointers
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer, PointerDamaged
from ..snapshots import confirmed
from ..system.exit_codes import DONE, FAILED, INCOMPLETE, Usage
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..transaction import history
from .app_context import AppContext
from .context import Context
from .finalize import cleanup_unit
from .transitions import revert

REASON = "the host was started anew before it was confirmed"


def boot(host: Context, args: list[str]) -> int:
    """Bring up every application: the verb ``boot``. Each fails alone.

    Returns DONE, INCOMPLETE if what lies there isn't all as it was confirmed, or FAILED if an
    application could not be brought up.
    """
    codes = {DONE}
    for app in AppPaths("", host.root).apps():
        try:
            codes.add(_boot(host, host.place(app)))
        except Usage:
            continue  # a folder that isn't ours
        except Exception as wrong:
            # Whatever its state has become, no other application stays down for it.
            print(f"homeportctl: {app}: {str(wrong) or type(wrong).__name__}", file=sys.stderr)
            codes.add(FAILED)
    return FAILED if FAILED in codes else max(codes)


def _boot(host: Context, place: AppPaths) -> int:
    tools = AppContext(host, place)
    with exclusive(place):
        try:
            code = revert(host, place, REASON, booting=True)
        finally:
            damage = _serve(tools)
        damage += confirmed.differences(place)
    for line in damage:
        print(f"homeportctl: {place.app}: {line}", file=sys.stderr)
    if damage:
        _note(tools, damage)
    return INCOMPLETE if damage or code == INCOMPLETE else DONE


def _serve(tools: AppContext) -> list[str]:
    """Start what was confirmed last; return what is damaged of what says that."""
    place, damage = tools.place, list[str]()
    try:
        if pointers.is_damaged(place):
            damage.append(f"{place.active} was damaged; the last journal tells what serves")
        serving = Pointer.read(place)
        slot = serving.slot if serving else None
    except (PointerDamaged, VersionError) as wrong:
        damage.append(str(wrong))
        # Once a deploy has ended there is no slot but the one that serves.
        made = [slot for slot in SLOTS if (place.slots / slot).is_dir()]
        slot = made[0] if len(made) == 1 else None
    if slot is None:
        return damage
    runs = AppSpec()
    with suppress(VersionError):
        runs = slots.slot_spec(place, slot)
    if not runs.slots:
        damage.append(f"{place.slots / slot} doesn't say what runs in it; {place.processes} does")
        runs = AppSpec.read_or_empty(place.processes)
    slots.switch(place, runs, slot, slot)
    tools.systemd.start_no_block("start", runs.units(slot))
    # What was to be cleared up when the power went.
    tools.detach(cleanup_unit(place.app), "cleanup", place.app)
    return damage


def _note(tools: AppContext, damage: list[str]) -> None:
    """Write down that a boot found damage, once for each that it finds."""
    place, reason = tools.place, "; ".join(damage)
    last = history.read(place, 1)
    if last and (last[0].get("what"), last[0].get("reason")) == ("boot", reason):
        return
    try:
        history.add(
            place,
            {
                "id": None,
                "what": "boot",
                "who": "homeportctl",
                "when": tools.clock.iso(),
                "outcome": INCOMPLETELY,
                "reason": reason,
            },
        )
    except OSError as wrong:
        print(f"homeportctl: {place.app}: not written down: {wrong}", file=sys.stderr)
