"""Putting back what a snapshot holds. It may be cut off and done again, as often as it takes."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..protocol import BESIDE, STAGE
from ..system import atomic_files
from ..system.subprocesses import Commands
from .entry import (
    ABSENT,
    DIRECTORY,
    LINK,
    SnapshotEntry,
    SnapshotError,
    enabling,
    is_drop_in,
    is_unit,
    read_entry,
)
from .images import Image, inspect


def restore(folder: Path, commands: Commands, root: Path = Path("/")) -> list[str]:
    """Put back all that a folder holds; return the paths that weren't as they had been.

    Raises SnapshotError, before anything is touched if an image is damaged.
    """
    return put_back(inspect(folder).require_whole(), commands, root)


def put_back(images: Sequence[Image], commands: Commands, root: Path = Path("/")) -> list[str]:
    """Put back these images; return the paths that weren't as they had been.

    What makes units start is put back as well, and systemd reads them anew; none is started or
    stopped. A directory that wasn't there before stays if it isn't empty. Raises SnapshotError.
    """
    changed = [image.path for image in images if not _as_it_was(image, root)]
    for image in _in_order(images):
        _put_back(image, root)
    had = [image.entry for image in images]
    for entry in had:
        if entry.unit is not None:
            changed += _links(entry.unit.name, entry.unit.links, root)
    # A directory may be closed to us once it has its own rights, so these come last.
    for entry in sorted(had, reverse=True):
        if entry.kind == DIRECTORY:
            _own(root / entry.path.lstrip("/"), entry)
    for place in {(root / path.lstrip("/")).parent for path in changed}:
        if place.is_dir():
            atomic_files.sync_folder(place)
    if any(is_unit(entry.path) or is_drop_in(entry.path) for entry in had):
        reload(commands)
    return changed


def differing(images: Iterable[Image], root: Path = Path("/")) -> list[str]:
    """Return the paths that aren't as their images: none, once these are put back."""
    return [image.path for image in images if not (_as_it_was(image, root) or _stays(image, root))]


def reload(commands: Commands) -> None:
    """Reload systemd's units. Raises SnapshotError."""
    done = commands.run(["systemctl", "daemon-reload"], timeout=120)
    if done.code:
        raise SnapshotError(f"systemctl daemon-reload: {done.err.strip() or done.code}")


def _in_order(images: Sequence[Image]) -> list[Image]:
    # What others lie in comes before them, and what has to go goes from below.
    there = sorted(image for image in images if image.entry.kind != ABSENT)
    return there + sorted((each for each in images if each.entry.kind == ABSENT), reverse=True)


def _as_it_was(image: Image, root: Path) -> bool:
    try:
        now, content = read_entry(image.path, root)
    except SnapshotError:
        return False
    return now[1:6] == image.entry[1:6] and content == image.content


def _stays(image: Image, root: Path) -> bool:
    # A directory that is new stays if it isn't empty.
    place = root / image.path.lstrip("/")
    return image.entry.kind == ABSENT and place.is_dir() and not place.is_symlink()


def _put_back(image: Image, root: Path) -> None:
    entry, place = image.entry, root / image.path.lstrip("/")
    _clear(place)
    if _as_it_was(image, root):
        return
    if entry.kind == ABSENT:
        _remove(place)
        return
    if place.is_dir() != (entry.kind == DIRECTORY) or place.is_symlink():
        _make_way(place)
    atomic_files.folder(place.parent, 0o755)
    owner = (entry.uid, entry.gid)
    if entry.kind == DIRECTORY:
        atomic_files.folder(place)
    elif entry.kind == LINK:
        atomic_files.link(place, entry.target, owner)
    else:
        staged = atomic_files.stage(place, image.content, entry.mode, owner)
        atomic_files.replace(staged, place)


def _clear(place: Path) -> None:
    # What was about to be renamed into place when a deploy or a restore was cut off.
    if not place.parent.is_dir():
        return
    place.with_name(place.name + BESIDE).unlink(missing_ok=True)
    shutil.rmtree(place.with_name(STAGE), ignore_errors=True)


def _make_way(place: Path) -> None:
    # Where there was a file or a link, a directory with all in it is newer than what was kept.
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _remove(place: Path) -> None:
    if not place.is_dir() or place.is_symlink():
        place.unlink()
        return
    shutil.rmtree(place / STAGE, ignore_errors=True)
    with suppress(OSError):
        place.rmdir()


def _own(place: Path, entry: SnapshotEntry) -> None:
    found = place.stat()
    if (found.st_uid, found.st_gid) != (entry.uid, entry.gid):
        os.chown(place, entry.uid, entry.gid)
    if stat.S_IMODE(place.stat().st_mode) != entry.mode:
        place.chmod(entry.mode)


def _links(name: str, links: dict[str, str], root: Path) -> list[str]:
    now = enabling(name, root)
    for path in now.keys() - links.keys():
        (root / path.lstrip("/")).unlink()
    for path, target in links.items():
        if now.get(path) != target:
            place = root / path.lstrip("/")
            atomic_files.folder(place.parent, 0o755)
            atomic_files.link(place, target)
    return sorted(path for path in {**now, **links} if now.get(path) != links.get(path))
