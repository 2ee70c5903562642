"""The scrubbing of a secret that was replaced: former values go from all that the host keeps."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..system import atomic_files
from ..system.paths import AppPaths
from . import generations, secret_values
from .entry import SnapshotError
from .secret_values import SHORTEST


def scrub(place: AppPaths, name: str, value: str) -> list[str]:
    """Make each generation hold this value of a secret; return what still holds another, in words.

    One that is damaged could hold any, and leads nowhere: it is removed.
    """
    left = []
    for gid in generations.names(place):
        try:
            images = generations.verify(place, gid)
        except SnapshotError as wrong:
            generations.remove(place, gid)
            left.append(f"{wrong}; it is removed")
            continue
        found = secret_values.replaced(place, images, {name: value})
        made = generations.rewrite(place, gid, found.images)
        left += [
            f"generation {made}: secret {each} is too short to be known" for each in found.left
        ]
    return left


def former(place: AppPaths, name: str, value: str) -> set[str]:
    """Return the values that a secret had in what the host keeps, without this one."""
    found = set[str]()
    for gid in generations.names(place):
        try:
            images = generations.verify(place, gid)
        except SnapshotError:
            continue
        found.add(secret_values.of_images(place, images).get(name, value))
    slots = place.slots.glob(f"*/etc/{place.secrets.name}")
    copies = (secret_values.values(atomic_files.read(path) or b"") for path in slots)
    return (found | {values.get(name, value) for values in copies}) - {value}


def holding(place: AppPaths, values: Iterable[str]) -> Iterator[Path]:
    """Yield the private files of ours that hold one of these values, if it is long enough."""
    wanted = [value.encode() for value in values if len(value) >= SHORTEST]
    for top in (place.etc, place.own, place.slots):
        for folder, _, names in os.walk(top):
            for path in (Path(folder, each) for each in names):
                # What everybody may read has no secret, and may have the same word.
                is_private = stat.S_ISREG(mode := path.lstat().st_mode) and not mode & 0o004
                if is_private and any(each in path.read_bytes() for each in wanted):
                    yield path
