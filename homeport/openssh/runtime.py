"""The runtime directory: sockets of master connections, which no other user may enter."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

LONGEST = 108 - 1 - 17
"""Bytes of a socket's path (unix(7)), less the end and what ssh appends while it makes one."""
DIGITS = 16


class NoRuntimeDirectoryError(Exception):
    """There is no directory that is ours alone, and short enough for a socket."""


def directory() -> Path:
    """Return the directory, made if it isn't there; raises ``NoRuntimeDirectoryError``."""
    reasons = []
    for place in _candidates():
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            reason = _fault(place)
        except OSError as error:
            reason = error.strerror or str(error)
        if reason is None:
            return place
        reasons.append(f"{place}: {reason}")
    raise NoRuntimeDirectoryError("; ".join(reasons))


def socket(identity: Iterable[str]) -> Path:
    """Return the path of the socket for a connection, by all that decides where it leads."""
    digest = hashlib.sha256("\0".join(identity).encode(errors="surrogateescape")).hexdigest()
    return directory() / digest[:DIGITS]


def _candidates() -> Iterator[Path]:
    own = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    yield Path(own) / "homeport-ssh"
    yield Path(tempfile.gettempdir()) / f"homeport-ssh-{os.getuid()}"


def _fault(place: Path) -> str | None:
    # Another user may have made it first, where all may write.
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return "it is not ours"
    if found.st_mode & 0o077:
        return "others may enter it"
    if len(os.fsencode(place)) + 1 + DIGITS > LONGEST:
        return "its name is too long for a socket"
    return None
