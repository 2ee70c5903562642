"""Images: what a snapshot holds of each path, proven to be what was written."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..system import atomic_files
from ..system.records import sealed_part
from .entry import FILE, SnapshotEntry, SnapshotError

INDEX = "index"


class Image(NamedTuple):
    """One path as it was, with its content if it is a file."""

    entry: SnapshotEntry
    content: bytes = b""

    @property
    def path(self) -> str:
        """The path that it is of."""
        return self.entry.path


class Inspected(NamedTuple):
    """The images of a snapshot that are whole, and what isn't, in words."""

    images: list[Image]
    damage: list[str]

    def require_whole(self) -> list[Image]:
        """Return the images. Raises SnapshotError, which names all that is damaged."""
        if self.damage:
            raise SnapshotError("; ".join(self.damage))
        return self.images


def inspect(folder: Path, seal: object = None, *, grows: bool = False) -> Inspected:
    """Return what a folder holds, each image compared with its digest.

    + seal: of the index, as it was noted elsewhere; None if it wasn't
    + grows: more may have been kept since it was sealed, and cut off: nothing was changed by that

    Raises VersionError.
    """
    index = folder / INDEX
    listing = atomic_files.listing(index)
    if grows:
        listing = sealed_part(listing, seal)
    images, damage = list[Image](), [f"{index}: {each}" for each in listing.damage]
    if not listing.holds(seal):
        damage.append(f"{index} isn't the one that was written: it has {len(listing.records)}"
                      " records that are whole")  # fmt: skip
    for record in listing.records:
        try:
            entry = SnapshotEntry.of(record)
            images.append(Image(entry, _content(entry, folder)))
        except SnapshotError as wrong:
            damage.append(str(wrong))
    return Inspected(images, damage)


def name(images: Iterable[Image], key: bytes) -> str:
    """Return a keyed hash of images: without the key it tells nothing.

    What systemd has to do with them is no part of it.
    """
    hashed = hmac.new(key, digestmod=hashlib.sha256)
    for path, (entry, content) in sorted({image.path: image for image in images}.items()):
        facts = [path, entry.kind, entry.mode, entry.uid, entry.gid, entry.target]
        hashed.update(json.dumps([*facts, hashlib.sha256(content).hexdigest()]).encode())
    return hashed.hexdigest()


def write(folder: Path, images: Sequence[Image]) -> None:
    """Make a folder hold these images and no others. It is on the disk when this returns."""
    atomic_files.folder(folder)
    records = []
    for number, (entry, content) in enumerate(images, 1):
        if entry.kind == FILE:
            entry = stored(folder, entry, content, number)
        records.append(entry.record())
    atomic_files.sync_folder(folder)
    atomic_files.write_records(folder / INDEX, records)


def stored(
    folder: Path, entry: SnapshotEntry, content: bytes, number: int, twin: Path | None = None
) -> SnapshotEntry:
    """Return the entry of a file whose image is in a folder now, under that number.

    + twin: an image that it may share the content of
    """
    image = folder / str(number)
    if twin is None or not atomic_files.share(image, twin, content):
        atomic_files.replace(atomic_files.stage(image, content), image)
    return entry._replace(image=image.name, sha256=digest(content))


def digest(content: bytes) -> str:
    """Return the digest of an image's content."""
    return hashlib.sha256(content).hexdigest()


def _content(entry: SnapshotEntry, folder: Path) -> bytes:
    if entry.kind != FILE:
        return b""
    content = atomic_files.read(folder / entry.image) if entry.image.isdigit() else None
    if content is None:
        raise SnapshotError(f"the image of {entry.path} is gone: {folder / entry.image}")
    # An older snapshot has no digests.
    if entry.sha256 and entry.sha256 != digest(content):
        raise SnapshotError(f"the image of {entry.path} is damaged: {folder / entry.image}")
    return content
