"""Files that are there whole or not at all, and stay, whatever happens to the machine meanwhile.

Everything is written beside, synced, and renamed into place; then the folder is synced. Lists of
records grow by whole lines, each synced; a last line that was cut off is no record. Each record and
each document has its version and its digest, which its readers needn't handle.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..protocol import BESIDE, RECORD_VERSION
from .records import Listing, Record, decode, encode, next_number
from .records import read as read_records

__all__ = ["Listing", "Record"]

Owner = tuple[int, int]
T = TypeVar("T")

FULL = (errno.ENOSPC, errno.EDQUOT)

# What reaches the disk. Tests cut the power between any two of these.
write_fd = os.write
fsync = os.fsync
replace = os.replace

free_space_hooks: list[Callable[[], bool]] = []
"""What is called when the disk is full: it says whether it made room for a second try."""


def write(path: Path, data: bytes | str, mode: int = 0o600, owner: Owner | None = None) -> None:
    """Make this the content of a file: after a crash it has the old one or this one."""
    replace(stage(path, data, mode, owner), path)
    sync_folder(path.parent)


def stage(path: Path, data: bytes | str, mode: int = 0o600, owner: Owner | None = None) -> Path:
    """Write what is to become a file beside its place, synced; return where it is to be renamed."""
    beside = path.with_name(path.name + BESIDE)
    content = data.encode() if isinstance(data, str) else data
    retry_when_full(lambda: _stage(beside, content, mode, owner))
    return beside


def _stage(beside: Path, content: bytes, mode: int, owner: Owner | None) -> None:
    beside.unlink(missing_ok=True)
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        _put_all(opened, content)
        if owner is not None:
            os.fchown(opened, *owner)
        # Last, since to write and to change the owner both take the right to run as them.
        os.fchmod(opened, mode)
        fsync(opened)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    finally:
        os.close(opened)


def link(path: Path, target: str, owner: Owner | None = None) -> None:
    """Make a path a link to this target, by one rename."""
    beside = path.with_name(path.name + BESIDE)
    beside.unlink(missing_ok=True)
    retry_when_full(lambda: beside.symlink_to(target))
    if owner is not None:
        os.lchown(beside, *owner)
    replace(beside, path)
    sync_folder(path.parent)


def share(path: Path, other: Path, content: bytes) -> bool:
    """Make a path one more name of a file that holds just that; return whether there is one now.

    For files that are written once: it takes no room, and no wait for the disk.
    """
    if read(other) != content:
        return False
    path.unlink(missing_ok=True)
    try:
        os.link(other, path)
    except OSError:
        return False
    return True


def folder(path: Path, mode: int = 0o700) -> None:
    """Make a folder of that mode, and those above it, if they aren't there."""
    if not path.is_dir():
        folder(path.parent, 0o755)
        retry_when_full(lambda: path.mkdir(mode))
        path.chmod(mode)
        sync_folder(path.parent)


def move(path: Path, to: Path) -> None:
    """Rename a file or folder to another name on the same file system."""
    replace(path, to)
    for parent in {path.parent, to.parent}:
        sync_folder(parent)


def remove(path: Path) -> None:
    """Remove a file or link, if it is there."""
    if os.path.lexists(path):
        path.unlink()
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Write the names in a folder to the disk (fsync(2) of the folder)."""
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fsync(opened)
    finally:
        os.close(opened)


def append(path: Path, *records: Mapping[str, Any], new: bool = True) -> None:
    """Add records to a list, which is made if it isn't there, and ``new`` lists may be made.

    Raises FileNotFoundError otherwise. They are whole on the disk when this returns.
    """
    first = next_number(read(path) or b"", path)
    retry_when_full(lambda: _append(path, _lines(records, first), new))


def write_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Make these the records of a list, in place of those that it has."""
    write(path, _lines(records))


def write_document(path: Path, record: Mapping[str, Any]) -> None:
    """Make this the one JSON object in a file."""
    write(path, encode(record))


def _lines(records: Iterable[Mapping[str, Any]], first: int = 1) -> bytes:
    numbered = enumerate(records, first)
    return "".join(encode(record, n) for n, record in numbered).encode()


def _append(path: Path, lines: bytes, new: bool) -> None:
    opened = os.open(path, os.O_RDWR | os.O_APPEND | (os.O_CREAT if new else 0), 0o600)
    try:
        size = os.fstat(opened).st_size
        # What was cut off must not join what comes now.
        torn = size > 0 and os.pread(opened, 1, size - 1) != b"\n"
        try:
            _put_all(opened, b"\n" + lines if torn else lines)
            fsync(opened)
        except OSError:
            os.ftruncate(opened, size)
            raise
    finally:
        os.close(opened)
    if not size:
        sync_folder(path.parent)


def listing(path: Path) -> Listing:
    """Return a list with what is damaged of it; an empty one if there is none.

    Raises VersionError if a record is of a version that isn't known.
    """
    return read_records(read(path) or b"", path)


def records(path: Path) -> list[Any]:
    """Return the records of a list that are whole; none if there is no list.

    Raises VersionError if a record is of a version that isn't known.
    """
    return listing(path).records


def require_known(*lists: Path) -> None:
    """Raise VersionError if the last record of a list is of a version that isn't known."""
    for path in lists:
        next_number(read(path) or b"", path)


def document(path: Path, newest: int = RECORD_VERSION) -> Any:
    """Return the one JSON object in a file: None without a file, empty if it isn't whole.

    Raises VersionError if it is of a version that isn't known; ``newest`` is the last that is.
    """
    content = read(path)
    if content is None:
        return None
    found = decode(content, path, newest)
    return {} if found is None else found[0]


def read(path: Path) -> bytes | None:
    """Return what a file holds, or None if there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def retry_when_full(work: Callable[[], T]) -> T:
    """Return the result of work that needs room on the disk.

    While the disk is full, free space and try again. Raises ``OSError`` once nothing is left to
    free.
    """
    while True:
        try:
            return work()
        except OSError as error:
            if error.errno not in FULL or not any(give() for give in free_space_hooks):
                raise


def _put_all(opened: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[write_fd(opened, left) :]
