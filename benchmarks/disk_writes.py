"""What a run leaves on a host's disk, seen from beneath: paths, and bytes of the files."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

Paths = Mapping[str, tuple[int, ...]]

LOGS = ("/var/log/",)
"""Who logs in is logged: a connection alone writes these, and so does the host by itself."""


def file_states(disk: Path) -> dict[str, tuple[int, ...]]:
    """Return every path that was written since the host was made, with what changes if it is."""
    found: dict[str, tuple[int, ...]] = {}
    for folder, _, names in os.walk(disk):
        for name in names:
            path = Path(folder, name)
            seen = path.lstat()
            shown = f"/{path.relative_to(disk)}"
            if not shown.startswith(LOGS):
                kind = stat.S_IFMT(seen.st_mode)
                times = (seen.st_mtime_ns, seen.st_ctime_ns)
                found[shown] = (seen.st_ino, *times, kind, seen.st_size)
    return found


def written(before: Paths, after: Paths) -> dict[str, int]:
    """Return the bytes of each file that is new or not as it was; 0 for links and removals."""
    changed = {path: _size(seen) for path, seen in after.items() if before.get(path) != seen}
    return changed | {path: 0 for path in before if path not in after}


def added(before: Paths, after: Paths) -> dict[str, int]:
    """Return the bytes of each file that is new or not as it was, or what it grew by.

    A file that is the same one and longer was written on, as a journal is; ours are renamed else.
    One more name of a file that was there adds nothing, nor does one name less.
    """
    known = {_content(seen) for seen in before.values()}
    changed = written(before, after)
    left = {
        path: 0 if _content(after.get(path)) in known else size for path, size in changed.items()
    }
    for path in left.keys() & before.keys() & after.keys():
        (then, *_, size), (now, *_, grown) = before[path], after[path]
        if then == now and grown > size:
            left[path] = grown - size
    return left


def _content(seen: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Return what changes when the file is written, whatever its name."""
    if seen is None:
        return None
    file, modified, _, kind, size = seen
    return file, modified, kind, size


def _size(seen: tuple[int, ...]) -> int:
    *_, kind, size = seen
    return size if stat.S_ISREG(kind) else 0
