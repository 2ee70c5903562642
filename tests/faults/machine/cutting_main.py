"""The host program's start on a machine whose power is cut: it stops before one call, and says so.

It lies there in place of the program's own ``__main__``; the folder ``/run/cut`` says what to do.
"""

import os
import sys
import time
from pathlib import Path

from disk_calls import Names, patches
from hostctl.__main__ import run
from hostctl.system import atomic_files

PLACE = Path("/run/cut")
"""``at``: the name of the call; ``manner``: what becomes of unsynced writes before the cut."""
CALLS = PLACE / "calls"
"""The calls that were made since the folder was, in their order."""
MARKS = "/dev/ttyS1"


def before(name: str) -> None:
    """Write down that a call is about to be made, or stay there for good."""
    with CALLS.open("a") as calls:
        calls.write(f"{name}\n")
    at = PLACE / "at"
    if at.exists() and at.read_text() == name:
        manner, _, seconds = (PLACE / "manner").read_text().partition(" ")
        if manner == "all":
            os.sync()
        elif manner == "some":
            # The kernel writes back by itself, in an order of its own.
            time.sleep(float(seconds))
        Path(MARKS).write_text("cut\n")
        time.sleep(1e6)


if PLACE.is_dir():
    names = Names()
    names.known(CALLS.read_text().splitlines() if CALLS.exists() else [])
    for call, made in patches(atomic_files, names, lambda: sys.argv[1], before).items():
        setattr(atomic_files, call, made)
sys.exit(run())
