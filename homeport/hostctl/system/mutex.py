"""One at a time: whoever changes what the host program keeps, or switches, is alone in that."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from . import atomic_files as durable
from .paths import AppPaths

_held: set[str] = set()


@contextmanager
def exclusive(place: AppPaths) -> Iterator[None]:
    """Be the only one at work on this host; wait as long as somebody else is.

    The kernel lets go of it when we die, however we die. Whoever is alone already stays so.
    """
    name = str(place.mutex)
    if name in _held:
        yield
        return
    durable.folder(place.state, 0o755)
    opened = os.open(place.mutex, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        _held.add(name)
        yield
    finally:
        _held.discard(name)
        os.close(opened)
