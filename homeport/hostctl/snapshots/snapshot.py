"""Images of paths as they are, kept in a folder, from which they are put back.

A folder has an ``index``, a list of records, and an image for each file, of which its record has
the digest. A path is in the index when its image is on the disk, and not before: what was cut off
while it was kept hasn't been changed yet either. All of it is root's alone, since some of what it
holds is secret.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..system import atomic_files
from ..system.records import Seal
from ..system.subprocesses import Commands
from .entry import FILE, SnapshotEntry, SnapshotError, UnitEntry, normalized_path, read_entry, units
from .images import INDEX, Image, inspect, name, stored
from .restore import differing, put_back, reload, restore

__all__ = [
    "Image",
    "SnapshotEntry",
    "SnapshotError",
    "UnitEntry",
    "differing",
    "digest",
    "entries",
    "inspect",
    "keep",
    "key",
    "put_back",
    "reload",
    "restore",
    "seal",
]


def keep(
    folder: Path,
    paths: Iterable[str],
    commands: Commands,
    root: Path = Path("/"),
    like: Path | None = None,
    known_seal: object = None,
) -> None:
    """Keep these paths as they are now, but for those that the folder has: the first image wins.

    Of a directory only itself is kept, not what it holds. All is on the disk when this returns.
    An image that another folder, ``like``, has already is shared with it. Raises SnapshotError,
    also if the index isn't whole, or not the one of ``known_seal``: what it lacks would be kept as
    it has become meanwhile.
    """
    atomic_files.folder(folder)
    listing = atomic_files.listing(folder / INDEX)
    if listing.damage or not listing.holds(known_seal):
        why = "; ".join(listing.damage) or "it isn't the one that was written"
        raise SnapshotError(f"{folder / INDEX} is damaged: {why}")
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
            entry = stored(folder, entry, content, number, twins.get(path))
        records.append(entry._replace(unit=found.get(path)))
    atomic_files.sync_folder(folder)
    atomic_files.append(folder / INDEX, *(entry.record() for entry in records))


def entries(folder: Path) -> list[SnapshotEntry]:
    """Return what a folder has kept, in the order in which it was kept."""
    return [SnapshotEntry.of(record) for record in atomic_files.records(folder / INDEX)]


def seal(folder: Path) -> Seal:
    """Return the seal of a folder's index."""
    return atomic_files.listing(folder / INDEX).seal()


def digest(paths: Iterable[str], key: bytes, root: Path = Path("/")) -> str:
    """Return the keyed hash of what is at these paths. Raises SnapshotError."""
    found = (Image(*read_entry(path, root)) for path in set(map(normalized_path, paths)))
    return name(found, key)


def key(path: Path) -> bytes:
    """Return the host's own key from that file, which is made if it isn't there."""
    found = atomic_files.read(path)
    if found is None or len(found) != 32:
        found = os.urandom(32)
        atomic_files.folder(path.parent, 0o755)
        atomic_files.write(path, found)
    return found
