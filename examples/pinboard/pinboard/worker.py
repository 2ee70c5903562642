"""The background worker: counts the words of new notes, once a second.

systemd hears that it is alive only after the database took a write, so a worker that runs but
can't do its work is restarted by its watchdog.
"""

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pinboard import __version__, store
from pinboard.notify import notify

PERIOD = 1.0
# Queueing for the write lock happens inside SQLite, where SIGTERM isn't noticed.
WAIT = 0.4


def run(path: Path, stopped: Callable[[], bool]) -> None:
    """Beat until `stopped`, which also waits for the next beat to be due."""
    ready = failing = False
    db: sqlite3.Connection | None = None
    opened: tuple[int, int] | None = None
    host = os.uname().nodename
    while True:
        try:
            # A backup restored over the file leaves an open connection writing to the old one.
            if db is not None and _identity(path) != opened:
                db.close()
                db = None
            if db is None:
                # A sign of life each second isn't worth the wear of flushing an SD card.
                db = store.connect(path, wait=WAIT, durable=False)
                opened = _identity(path)
            counted = store.beat(db, host, time.time())
            notify("WATCHDOG=1" if ready else "READY=1\nWATCHDOG=1")
        except store.Unavailable as error:
            _say(f"no beat: {error}")
            failing = True
        else:
            if counted:
                _say(f"counted the words of {counted} new note{'' if counted == 1 else 's'}")
            if failing or not ready:
                _say(f"version {__version__} works on {path}")
            ready, failing = True, False
        if stopped():
            break
    if db is not None:
        db.close()


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    stops = {signal.SIGTERM, signal.SIGINT}
    # Blocked and waited for, not handled: a beat is never interrupted, and none is begun after.
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    run(store.location(), lambda: signal.sigtimedwait(stops, PERIOD) is not None)
    _say("stopped")


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _say(line: str) -> None:
    print(f"pinboard worker: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
