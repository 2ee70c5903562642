"""Unpacking on the controller what another machine packed: within limits, and no way out of it."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from homeport.errors import UserError

MOST_BYTES = 8 << 30
"""Bytes of all files in an archive together, unpacked."""
MOST_FILES = 200_000
MOST_TEXT = 16 << 20
"""Bytes of one file that is read into memory, or of one header."""

ALL = "."
"""The directory below which links may be, if it is the whole archive."""


class Unsafe(Exception):  # noqa: N818 - a verdict on an archive
    """An archive that is too large, or that holds what it must not; its text says what."""


def unpack_tar(archive: Path, folder: Path, linked: str) -> None:
    """Unpack a tar (gzip) of directories, files and, below the directory `linked`, links.

    Modes become 0755 or 0644; owners and times are those of this run. Nothing is written outside
    the folder, nor through a link. Raises ``Unsafe`` for all else, and for more than MOST_BYTES
    or MOST_FILES; ``OSError``, ``EOFError`` or ``tarfile.TarError`` if it can't be read.
    """
    links: dict[str, str] = {}
    seen = set[str]()
    with (
        _LimitedGzip(archive, "rb") as packed,
        tarfile.open(fileobj=packed, mode="r:") as members,
    ):
        for member in members:
            path = _path_of(member.name)
            if path in seen:
                raise Unsafe(f"it has {path} twice")
            seen.add(path)
            if len(seen) > MOST_FILES:
                raise Unsafe(f"it has more than {MOST_FILES} files")
            if member.isdir():
                (folder / path).mkdir(mode=0o755, parents=True, exist_ok=True)
            elif member.issym() and (linked == ALL or path.startswith(f"{linked}/")):
                links[path] = member.linkname
            elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and member.sparse is None:
                _write(members, member, folder / path)
            else:
                raise Unsafe(f"{path} is a link or no file")
    if through := next(
        (p for p in seen if links.keys() & {*map(str, PurePosixPath(p).parents)}), None
    ):
        raise Unsafe(f"{through} is behind a link")
    # Last, so that no file is written through one.
    for path, target in links.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)


@contextmanager
def open_wheel(wheel: Path) -> Iterator[zipfile.ZipFile]:
    """Yield a wheel to read; raises ``UserError`` if it is none, or unpacks to too much.

    zipfile reads no more of a member than its header says, so the headers are what counts.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES:
                raise Unsafe(f"it has more than {MOST_FILES} files")
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise Unsafe(f"it has more than {MOST_BYTES >> 20} MiB unpacked")
            yield archive
    except zipfile.BadZipFile:
        what = "this is not a wheel: it can't be unpacked"
        raise UserError(what, fix="build it again", file=wheel) from None
    except Unsafe as error:
        what, fix = f"this wheel is refused: {error}", "pin another version"
        raise UserError(what, fix=fix, file=wheel) from None


def read_text(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of a wheel that is read whole; raises ``Unsafe`` for more than MOST_TEXT."""
    if (size := archive.getinfo(name).file_size) > MOST_TEXT:
        raise Unsafe(f"{name} has {size} bytes, and {MOST_TEXT} are the most")
    return archive.read(name)


class _LimitedGzip(gzip.GzipFile):
    """A gzip file that ends with ``Unsafe`` after MOST_BYTES, or if one header wants too many."""

    def read(self, size: int | None = -1) -> bytes:
        # Data is copied in small parts; only a header of tar is read as one.
        if size is None or not 0 <= size <= MOST_TEXT:
            raise Unsafe("one of its headers is too large")
        self._check(self.tell() + size)
        return super().read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._check(offset)
        return super().seek(offset, whence)

    def _check(self, end: int) -> None:
        if end > MOST_BYTES:
            raise Unsafe(f"it has more than {MOST_BYTES >> 20} MiB unpacked")


def _path_of(name: str) -> str:
    path = PurePosixPath(name.removeprefix("./") or ".")
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise Unsafe(f"{name!r} points out of it")
    return str(path)


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> None:
    source = members.extractfile(member)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as copy:
        if source is not None:
            shutil.copyfileobj(source, copy)
    file.chmod(0o755 if member.mode & 0o111 else 0o644)
