"""Pins: releases and generations that pruning keeps.

The file has a name in each line, and may be written by hand: what follows a ``#`` is a remark. The
first remark says its version; without one it is ours, as people write it.
"""

from __future__ import annotations

from ..protocol import VERSION_LINE, require_version
from ..system import atomic_files
from ..system.paths import AppPaths


def read(place: AppPaths) -> list[str]:
    """Return the names that are pinned."""
    return [name for line in _lines(place) if (name := _name(line))]


def add(place: AppPaths, name: str) -> None:
    """Pin a name."""
    if name not in read(place):
        _write(place, [*_lines(place), name])


def drop(place: AppPaths, name: str) -> bool:
    """Unpin a name; return whether it was pinned."""
    if name not in read(place):
        return False
    _write(place, [line for line in _lines(place) if _name(line) != name])
    return True


def _lines(place: AppPaths) -> list[str]:
    lines = (atomic_files.read(place.pins) or b"").decode(errors="replace").splitlines()
    if lines and lines[0].startswith("# version "):
        require_version(lines[0].removeprefix("# "), place.pins)
        return lines[1:]
    return lines


def _name(line: str) -> str:
    return line.partition("#")[0].strip()


def _write(place: AppPaths, lines: list[str]) -> None:
    atomic_files.folder(place.own)
    atomic_files.write(place.pins, "".join(f"{line}\n" for line in [f"# {VERSION_LINE}", *lines]))
