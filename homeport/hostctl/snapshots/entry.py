"""One path as it was: what lay there, and what systemd had to do with it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..protocol import UNITS
from ..system.atomic_files import Record
from ..system.exit_codes import CommandFailed
from ..system.subprocesses import Commands

FILE, LINK, DIRECTORY, ABSENT = "file", "link", "directory", "absent"
NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
SUFFIXES = (".service", ".timer", ".socket", ".path", ".target")


class SnapshotError(CommandFailed):
    """A path can't be kept, or not be put back; the text says which and why."""


class UnitEntry(NamedTuple):
    """The state of a unit in systemd: whether it ran, and the links that make it start."""

    name: str
    active: bool
    links: dict[str, str]

    @property
    def enabled(self) -> bool:
        """Whether something wanted it."""
        return bool(self.links)


class SnapshotEntry(NamedTuple):
    """One path as it was. ``image`` names the file that has its content, of that ``sha256``."""

    path: str
    kind: str
    mode: int = 0
    uid: int = 0
    gid: int = 0
    target: str = ""
    image: str = ""
    unit: UnitEntry | None = None
    sha256: str = ""

    def record(self) -> Record:
        """Return the entry as it is written down: what is as ever goes without saying."""
        found = {**self._asdict(), "unit": self.unit and self.unit._asdict()}
        return {name: value for name, value in found.items() if value}

    @classmethod
    def of(cls, record: Record) -> SnapshotEntry:
        """Return the entry that a record tells of. Raises SnapshotError."""
        unit = record.get("unit")
        try:
            return cls(**{**record, "unit": unit and UnitEntry(**unit)})
        except TypeError as error:
            raise SnapshotError(f"an entry of a snapshot can't be understood: {error}") from None


def normalized_path(path: str) -> str:
    """Return an absolute path without detours. Raises SnapshotError."""
    if not path.startswith("/") or "\0" in path:
        raise SnapshotError(f"{path!r} is not an absolute path")
    # POSIX lets a path begin with two slashes and mean something else.
    return "/" + os.path.normpath(path).lstrip("/")


def read_entry(path: str, root: Path) -> tuple[SnapshotEntry, bytes]:
    """Return what is at a path, and its content if it is a file. Raises SnapshotError."""
    place = root / path.lstrip("/")
    try:
        found = place.lstat()
    except OSError as error:
        if error.errno not in NOWHERE:
            raise
        return SnapshotEntry(path, ABSENT), b""
    mode, owner = stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid)
    if stat.S_ISLNK(found.st_mode):
        return SnapshotEntry(path, LINK, 0, *owner, target=target(place)), b""
    if stat.S_ISDIR(found.st_mode):
        return SnapshotEntry(path, DIRECTORY, mode, *owner), b""
    if not stat.S_ISREG(found.st_mode):
        raise SnapshotError(f"{path} is neither a file, a link nor a directory")
    return SnapshotEntry(path, FILE, mode, *owner), place.read_bytes()


def target(link: Path) -> str:
    """Return where a link leads, to the letter."""
    return os.readlink(link)  # noqa: PTH115 - a Path would tidy it up


def is_unit(path: str) -> bool:
    """Return whether systemd reads a unit at that path."""
    return path.endswith(SUFFIXES) and str(Path(path).parent) == UNITS


def is_drop_in(path: str) -> bool:
    """Return whether systemd reads a drop-in of a unit at that path."""
    folder = Path(path).parent
    return path.endswith(".conf") and folder.suffix == ".d" and str(folder.parent) == UNITS


def enabling(name: str, root: Path) -> dict[str, str]:
    """Return the links that make something want a unit, by path, with their targets."""
    place = root / UNITS.lstrip("/")
    wanting = sorted([*place.glob("*.wants"), *place.glob("*.requires")])
    links = [folder / name for folder in wanting if (folder / name).is_symlink()]
    return {f"/{link.relative_to(root)}": target(link) for link in links}


def units(paths: Sequence[str], commands: Commands, root: Path) -> dict[str, UnitEntry]:
    """Return, for those paths that are units, what systemd has to do with them. Raises
    SnapshotError."""
    names = {path: Path(path).name for path in paths if is_unit(path)}
    # A template can't be started, only its instances.
    startable = [name for name in names.values() if "@." not in name]
    states: dict[str, str] = {}
    if startable:
        result = commands.run(["systemctl", "is-active", "--", *startable], timeout=60)
        lines = result.out.split()
        if len(lines) != len(startable):
            raise SnapshotError(
                f"systemctl doesn't say what is active: {result.err.strip() or result.out}"
            )
        states = dict(zip(startable, lines, strict=True))
    active = ("active", "activating", "reloading")
    return {
        path: UnitEntry(name, states.get(name) in active, enabling(name, root))
        for path, name in names.items()
    }
