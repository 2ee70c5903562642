"""The releases and venvs that some process still uses, whatever it has done since its start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..protocol import RECORDS
from ..system.paths import AppPaths

PROC = Path("/proc")

LINKS = ("cwd", "root", "exe")
"""What a process works in, is shut into, and runs."""


def in_use(place: AppPaths, folder: Path) -> set[str]:
    """Return the names in a folder that a process uses.

    It works there, runs or has mapped a file of it, holds one open, or belongs to a unit that was
    started from there.
    """
    below = f"{os.path.realpath(folder)}/"
    return {
        path.removeprefix(below).partition("/")[0]
        for path in (*_paths(), *_started(place))
        if path.startswith(below)
    }


def _paths() -> Iterator[str]:
    for process in PROC.glob("[0-9]*"):
        # Whichever of it can't be read: it has ended, or is the kernel's.
        with suppress(OSError):
            yield from {line.split(" ", 5)[-1].lstrip() for line in _lines(process / "maps")}
        links = [process / name for name in LINKS]
        with suppress(OSError):
            links += (process / "fd").iterdir()
        for link in links:
            with suppress(OSError):
                yield str(link.readlink())


def _started(place: AppPaths) -> Iterator[str]:
    """Yield what units with processes have noted that they were started from."""
    units = {word for process in PROC.glob("[0-9]*/cgroup") for word in _units(process)}
    for record in place.at(RECORDS).glob(f"{place.app}-*"):
        if record.name not in units:
            continue
        for line in _lines(record):
            word, _, rest = line.partition(" ")
            if word == "target":
                # A link's target may be relative to where it lies, which follows it.
                target, _, link = rest.partition(" ")
                yield os.path.realpath(place.at(str(Path(link).parent / target)))


def _units(cgroup: Path) -> list[str]:
    with suppress(OSError):
        return [word for line in _lines(cgroup) for word in line.split("/")]
    return []


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode(errors="replace").split("\n")
