"""Pruning of what is no longer needed: generations, their releases and venvs.

Kept are the last generations that were good, the one that serves and the one before it, what the
last deploy tried, whatever is pinned, and whatever is in use. So what failed evicts nothing good.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..system import atomic_files
from ..system.paths import AppPaths
from . import generations, pins, wheel_cache
from .generations import Generation
from .in_use import in_use

UNFINISHED = (".new", ".old")
"""Names of what is made or replaced: while no deploy is open, the power was cut meanwhile."""
GONE = ".gone"
"""How the name of a folder ends that is being removed."""


def prune(place: AppPaths) -> list[Path]:
    """Remove what isn't needed of an application, and wheels that none needs; return the paths.

    Only while no deploy is open.
    """
    sweep(place)
    pointer = Pointer.read(place)
    if pointer is None:
        return []
    pinned = set(pins.read(place))
    held = list(_held(place, pointer, pinned))
    named = {each.gid for each in held}
    gone = [path for path in _in(place.generations) if path.name not in named]
    releases = {Path(each.release).name for each in held} | pinned | {Path(pointer.release).name}
    releases |= {_led(place.current), *(_led(slot / "release") for slot in _in(place.slots))}
    releases |= {*in_use(place, place.releases), *_newest(place.releases)}
    gone += [path for path in _in(place.releases) if path.name not in releases]
    venvs = {_led(path / "venv") for path in _in(place.releases) if path.name in releases}
    venvs |= {*in_use(place, place.venvs), *_newest(place.venvs)}
    gone += [path for path in _in(place.venvs) if path.name not in venvs]
    for path in gone:
        remove(path)
    generations.forget_bad(place)
    return gone + wheel_cache.prune(place)


def sweep(place: AppPaths) -> None:
    """Remove what was being made or removed when the power was cut."""
    for folder in (place.generations, place.releases, place.venvs, place.slots):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name in UNFINISHED or (path.name.startswith(".") and path.name.endswith(GONE)):
                shutil.rmtree(path, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a folder: renamed first, so that half of it is never taken for the whole."""
    away = path.with_name(f".{path.name}{GONE}")
    shutil.rmtree(away, ignore_errors=True)
    atomic_files.replace(path, away)
    shutil.rmtree(away, ignore_errors=True)


def _held(place: AppPaths, pointer: Pointer, pinned: set[str]) -> Iterator[Generation]:
    known = generations.read_all(place)
    good = [each for each in known if each.good]
    now = next((each.number for each in good if each.gid == pointer.generation), 0)
    before = [each.gid for each in good if each.number < now]
    last = [
        each.gid for each in good[-max(AppSpec.read_or_empty(place.processes).keep_releases, 1) :]
    ]
    tried = [str(line.get("generation")) for line in atomic_files.records(place.last_journal)]
    stays = {pointer.generation, *before[-1:], *last, *tried, *pinned}
    yield from (e for e in known if e.gid in stays or Path(e.release).name in pinned)


def _in(folder: Path) -> list[Path]:
    """Return the folders in a folder, but for hidden ones, which are still being made."""
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if not path.name.startswith(".") and path.is_dir()]


def _led(link: Path) -> str:
    return Path(os.path.realpath(link)).name


def _newest(folder: Path) -> list[str]:
    """Return what was made last: the next deploy may want it, whatever became of this one."""
    found = sorted(_in(folder), key=lambda path: path.stat().st_ctime_ns)
    return [path.name for path in found[-1:]]
