"""Images of paths as they are, kept in a folder, from which they are put back.

A folder has an ``index``, a list of records, and an image for each file. A path is in the index
when its image is on the disk, and not before: what was cut off while it was kept hasn't been
changed yet either. All of it is root's alone, since some of what it holds is secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from pathlib import Path

from ..system import atomic_files
from ..system.subprocesses import Commands
from .entry import FILE, SnapshotEntry, SnapshotError, UnitEntry, normalized_path, read_entry, units
from .restore import reload, restore

__all__ = [
    "SnapshotEntry",
    "SnapshotError",
    "UnitEntry",
    "digest",
    "entries",
    "keep",
    "key",
    "reload",
    "restore",
]


def keep(
    folder: Path,
    paths: Iterable[str],
    commands: Commands,
    root: Path = Path("/"),
    like: Path | None = None,
) -> None:
    """Keep these paths as they are now, but for those that the folder has: the first image wins.

    Of a directory only itself is kept, not what it holds. All is on the disk when this returns.
    An image that another folder, ``like``, has already is shared with it. Raises SnapshotError.
    """
    atomic_files.folder(folder)
    had = entries(folder)
    known = {entry.path for entry in had}
    new = [path for path in dict.fromkeys(map(normalized_path, paths)) if path not in known]
    if not new:
        return
    found = units(new, commands, root)
    twins = (
        {entry.path: like / entry.image for entry in entries(like) if entry.image} if like else {}
    )
    number = max((int(entry.image) for entry in had if entry.image), default=0)
    records = []
    for path in new:
        entry, content = read_entry(path, root)
        if entry.kind == FILE:
            number += 1
            entry = entry._replace(image=str(number))
            image = folder / entry.image
            if path not in twins or not atomic_files.share(image, twins[path], content):
                atomic_files.replace(atomic_files.stage(image, content), image)
        records.append(entry._replace(unit=found.get(path)))
    atomic_files.sync_folder(folder)
    atomic_files.append(folder / "index", *(entry.record() for entry in records))


def entries(folder: Path) -> list[SnapshotEntry]:
    """Return what a folder has kept, in the order in which it was kept."""
    return [SnapshotEntry.of(record) for record in atomic_files.records(folder / "index")]


def digest(paths: Iterable[str], key: bytes, root: Path = Path("/")) -> str:
    """Return a keyed hash of what is at these paths: without the key it tells nothing.

    What systemd has to do with them is no part of it. Raises SnapshotError.
    """
    hashed = hmac.new(key, digestmod=hashlib.sha256)
    for path in sorted(set(map(normalized_path, paths))):
        entry, content = read_entry(path, root)
        facts = [path, entry.kind, entry.mode, entry.uid, entry.gid, entry.target]
        hashed.update(json.dumps([*facts, hashlib.sha256(content).hexdigest()]).encode())
    return hashed.hexdigest()


def key(path: Path) -> bytes:
    """Return the host's own key from that file, which is made if it isn't there."""
    found = atomic_files.read(path)
    if found is None or len(found) != 32:
        found = os.urandom(32)
        atomic_files.folder(path.parent, 0o755)
        atomic_files.write(path, found)
    return found
