"""The state that was confirmed last, compared with what lies on the host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ..protocol import VersionError
from ..slots.pointer import Pointer, PointerDamaged
from ..slots.slots import slot_spec
from ..system import atomic_files
from ..system.paths import AppPaths
from . import generations, snapshot
from .entry import FILE, SnapshotError
from .images import Image


def differences(place: AppPaths) -> Iterator[str]:
    """Yield what isn't as it was confirmed: in its place, and in the slot that serves."""
    try:
        serving = Pointer.read(place)
    except (PointerDamaged, VersionError):
        return
    if serving is None:
        return
    if serving.release:
        for path in (serving.release, f"{serving.release}/venv"):
            if not place.at(path).is_dir():
                yield f"{path} isn't there"
        if generations.current_release(place) != serving.release:
            yield f"/{place.current.relative_to(place.root)} isn't {serving.release}"
    try:
        images = generations.verify(place, serving.generation)
    except SnapshotError as wrong:
        yield str(wrong)
        return
    paths = snapshot.differing(images, place.root)
    if serving.slot is not None:
        paths += _of_slot(place, serving.slot, images)
    yield from (f"{path} isn't as it was confirmed" for path in paths)


def _of_slot(place: AppPaths, slot: str, images: Iterable[Image]) -> list[str]:
    etc, found = place.slots / slot / "etc", list[Path]()
    for image in images:
        path = place.at(image.path)
        if image.entry.kind == FILE and path.is_relative_to(place.etc):
            copy = etc / path.relative_to(place.etc)
            found += [copy] if atomic_files.read(copy) != image.content else []
    # A copy that names another version was found by then.
    with suppress(VersionError):
        for process in slot_spec(place, slot).slots.values():
            unit, copy = place.units / process.at(slot), etc / "units" / process.template
            found += [unit] if atomic_files.read(unit) != atomic_files.read(copy) else []
    return [f"/{path.relative_to(place.root)}" for path in found]
