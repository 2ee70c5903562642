"""One command at a time: for a lab, and for what all labs of a machine share."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.console import say


@contextmanager
def alone(file: Path, who: str, waiting: str) -> Iterator[None]:
    """Hold a lock file; say what is waited for when another process holds it.

    The kernel lets go of it when we die, however we die.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(who, f"waiting: {waiting}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def held(file: Path) -> bool:
    """Return whether a process holds that lock file."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
