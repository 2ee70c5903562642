"""Packing files so that the same files are the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from homeport.artifacts.source_tree import TreeEntry
from homeport.errors import UserError


def pack(tree: Path, entries: Sequence[TreeEntry], destination: Path) -> None:
    """Write the entries of the tree to `destination` as tar (pax format) and gzip.

    Directories have mode 0755; owners and times are 0, so that the same entries are the same
    bytes. Raises ``UserError``, with the file, if a file differs from its entry by now.
    """
    with (
        destination.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for directory in _directories(entries):
            archive.addfile(_member(directory, tarfile.DIRTYPE, 0o755))
        for entry in entries:
            _add(archive, tree, entry)


def _add(archive: tarfile.TarFile, tree: Path, entry: TreeEntry) -> None:
    if entry.link is not None:
        member = _member(entry.path, tarfile.SYMTYPE, entry.mode)
        member.linkname = entry.link
        archive.addfile(member)
        return
    member = _member(entry.path, tarfile.REGTYPE, entry.mode)
    member.size = entry.size
    with (tree / entry.path).open("rb") as file:
        watched = _Watched(file)
        try:
            archive.addfile(member, watched)
            changed = watched.digest() != entry.digest
        except OSError:  # it got shorter
            changed = True
    if changed:
        raise UserError(
            "this file changed while it was being packed",
            fix="deploy again once nothing writes there, or name it under exclude: in app.yml",
            file=tree / entry.path,
        )


class _Watched:
    """A file that hashes what is read from it: what was listed is what gets packed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._seen = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._seen.update(content)
        return content

    def digest(self) -> str:
        return self._seen.hexdigest()


def _directories(entries: Iterable[TreeEntry]) -> list[str]:
    parents = {str(parent) for entry in entries for parent in PurePosixPath(entry.path).parents}
    return sorted(parents - {"."}, key=str.encode)


def _member(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    # A fresh TarInfo has neutral facts: owner 0, time 0, no names.
    member = tarfile.TarInfo(path)
    member.type, member.mode = kind, mode
    return member
