"""The wheels of a lock, fetched once and kept by the hash of their contents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from homeport.artifacts.cache import cache_root, keep, sha256_of, workspace
from homeport.artifacts.console_scripts import scripts_of
from homeport.artifacts.lock import Lock, Pinned
from homeport.artifacts.modules import top_level_modules
from homeport.artifacts.python_platform import PythonPlatform
from homeport.artifacts.wheel_paths import check_paths

CHECKED = 1
"""The version of what is checked of a wheel before its lock is recorded."""


@dataclass(frozen=True)
class Wheel:
    """A wheel in the cache: `size` in bytes, `modules` what it makes importable.

    `scripts` are the programs that it puts into a venv.
    """

    filename: str
    sha256: str
    path: Path
    size: int
    modules: tuple[str, ...]
    scripts: tuple[str, ...] = ()


def wheels_for(
    lock: Lock, target: PythonPlatform, index: str | None = None, cache: Path | None = None
) -> tuple[Wheel, ...]:
    """Return a wheel that runs on the target for each requirement of the lock, in its order.

    `index` is the URL of a package index, pip's own setting if None. Wheels that the cache holds
    need no network.
    Raises ``UserError`` if a wheel is missing, isn't the one locked, or can't be fetched.
    """
    home = cache_root(cache)
    # The system counts beside the lock: a newer glibc may have let pip choose otherwise.
    record = home / "locks" / f"{lock.id}-{target.system}-{CHECKED}.json"
    if (recorded := _recorded(record, home)) is not None:
        return recorded
    ranks = {tag: rank for rank, tag in enumerate(target.tags)}
    wheels_by_pin = {
        pin: wheel for pin in lock.requirements if (wheel := _cached(pin, ranks, home)) is not None
    }
    if missing := [pin for pin in lock.requirements if pin not in wheels_by_pin]:
        wheels_by_pin |= _fetched(missing, target, index, home)
    wheels = tuple(wheels_by_pin[pin] for pin in lock.requirements)
    _record(wheels, record, home)
    return wheels


def _cached(pin: Pinned, ranks: dict[Tag, int], home: Path) -> Wheel | None:
    """Return the best wheel of the pin in the cache, fetched for any lock, None without one."""
    found = [
        (rank, path)
        for sha256 in pin.hashes
        for path in (home / "wheels" / sha256).glob("*.whl")
        if (rank := _rank(pin, path, ranks)) is not None
    ]
    for _, path in sorted(found):
        if sha256_of(path) == path.parent.name:
            return _wheel(path)
    return None


def _rank(pin: Pinned, path: Path, ranks: dict[Tag, int]) -> int | None:
    if not _is_of(pin, path):
        return None
    tags = parse_wheel_filename(path.name)[3]
    return min((ranks[tag] for tag in tags if tag in ranks), default=None)


def _is_of(pin: Pinned, path: Path) -> bool:
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename:
        return False
    # `==1.0` allows the build 1.0+cpu, as pip has it.
    return name == pin.name and Version(pin.version) in (version, Version(version.public))


def _fetched(
    pins: list[Pinned], target: PythonPlatform, index: str | None, home: Path
) -> dict[Pinned, Wheel]:
    wheels = {}
    with workspace(home) as room:
        # Where all wheels are at hand nothing is fetched.
        from homeport.artifacts.download import download

        downloaded = download(pins, target, index, room)
        for pin in pins:
            path = next(path for path in downloaded if _is_of(pin, path))
            place = home / "wheels" / sha256_of(path) / path.name
            keep(path, place)
            wheels[pin] = _wheel(place)
    return wheels


def _wheel(path: Path) -> Wheel:
    size, modules, scripts = path.stat().st_size, top_level_modules(path), scripts_of(path)
    check_paths(path, scripts)
    return Wheel(path.name, path.parent.name, path, size, modules, scripts)


def _record(wheels: Iterable[Wheel], record: Path, home: Path) -> None:
    facts = [
        {
            "filename": x.filename,
            "sha256": x.sha256,
            "size": x.size,
            "modules": x.modules,
            "scripts": x.scripts,
        }
        for x in wheels
    ]
    with workspace(home) as room:
        (room / record.name).write_text(json.dumps(facts, indent=1))
        keep(room / record.name, record)


def _recorded(record: Path, home: Path) -> tuple[Wheel, ...] | None:
    """Return the wheels of a record, None unless it is whole and every file of it is there."""
    try:
        wheels = tuple(
            Wheel(
                fact["filename"],
                fact["sha256"],
                home / "wheels" / fact["sha256"] / fact["filename"],
                fact["size"],
                tuple(fact["modules"]),
                tuple(fact["scripts"]),
            )
            for fact in json.loads(record.read_text())
        )
        whole = all(wheel.path.stat().st_size == wheel.size for wheel in wheels)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return wheels if whole else None
