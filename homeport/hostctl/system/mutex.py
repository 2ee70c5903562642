"""The mutex: one process at a time changes the host program's files, or switches."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from . import atomic_files
from .paths import AppPaths

_held: set[str] = set()


@contextmanager
def exclusive(place: AppPaths) -> Iterator[None]:
    """Hold the mutex in a ``with`` block; wait while another process holds it (flock(2)).

    Yields nothing. The kernel lets go of it when we die, however we die. A block inside another
    one holds it already.
    """
    name = str(place.mutex)
    if name in _held:
        yield
        return
    opened = _open(place)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        _held.add(name)
        yield
    finally:
        _held.discard(name)
        os.close(opened)


def _open(place: AppPaths) -> int:
    try:
        # A root that is read-only, as a worn SD card gets, still serves, and is locked as ever.
        return os.open(place.mutex, os.O_RDONLY)
    except FileNotFoundError:
        atomic_files.folder(place.state, 0o755)
        return os.open(place.mutex, os.O_RDONLY | os.O_CREAT, 0o600)
