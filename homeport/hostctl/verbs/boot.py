"""At boot: what wasn't confirmed is undone, and what was confirmed serves again.

The runtime directory is empty then, and slots are never enabled: nothing runs from a slot until
this has said which. Nothing is waited for: what is started may be ordered after us.
"""

from __future__ import annotations

import sys

from ..slots import slots
from ..slots.pointer import Pointer
from ..snapshots.entry import SnapshotError
from ..system.exit_codes import DONE, FAILED, CommandFailed, Usage
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from .app_context import AppContext
from .context import Context
from .finalize import cleanup_unit
from .transitions import revert

REASON = "the host was started anew before it was confirmed"


def boot(host: Context, args: list[str]) -> int:
    """Bring up every application: the verb ``boot``. Each fails alone.

    Returns DONE, or FAILED if one could not be brought up.
    """
    code = DONE
    for app in AppPaths("", host.root).apps():
        try:
            _boot(host, host.place(app))
        except Usage:
            continue  # a folder that isn't ours
        except (CommandFailed, SnapshotError, OSError, ValueError) as wrong:
            print(f"homeportctl: {app}: {wrong}", file=sys.stderr)
            code = FAILED
    return code


def _boot(host: Context, place: AppPaths) -> None:
    with exclusive(place):
        try:
            revert(host, place, REASON, booting=True)
        finally:
            _serve(AppContext(host, place))


def _serve(tools: AppContext) -> None:
    place, pointer = tools.place, Pointer.read(tools.place)
    if pointer is None or pointer.slot is None:
        return
    runs = slots.slot_spec(place, pointer.slot)
    slots.switch(place, runs, pointer.slot, pointer.slot)
    tools.systemd.start_no_block("start", runs.units(pointer.slot))
    # What was to be cleared up when the power went.
    tools.detach(cleanup_unit(place.app), "cleanup", place.app)
