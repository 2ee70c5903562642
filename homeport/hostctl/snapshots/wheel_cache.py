"""The cache of wheels and of uv on a host, for all applications together."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..protocol import CACHE, HOME
from ..system.paths import AppPaths
from ..transaction import lease

WHEEL = re.compile(r"([^-]+)-([^-]+)-.+\.whl")
INSTALLED = re.compile(r"([^-]+)-([^-]+)\.dist-info")


def prune(place: AppPaths) -> list[Path]:
    """Remove the wheels that no venv on the host was built from, and all but the newest uv.

    A venv is told by what is installed in it. What can't be told stays, and all of it does while
    a deploy is open: its plan counts on what is at hand. Return what was removed.
    """
    if lease.read(place) is not None:
        return []
    cache = place.at(CACHE)
    installed = set(_installed(place.root))
    gone = [path for path in _in(cache / "wheels") if _unused(path, installed)]
    gone += sorted(_in(cache / "uv"), key=lambda path: path.stat().st_mtime)[:-1]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return gone


def _installed(root: Path) -> Iterator[tuple[str, str]]:
    for path in root.glob(f"{HOME[1:]}/*/venvs/*/lib/python*/site-packages/*.dist-info"):
        if found := INSTALLED.fullmatch(path.name):
            yield _plain(found[1]), found[2]


def _unused(folder: Path, installed: set[tuple[str, str]]) -> bool:
    wheels = [WHEEL.fullmatch(path.name) for path in folder.iterdir()]
    packages = [(_plain(wheel[1]), wheel[2]) for wheel in wheels if wheel]
    return len(packages) == len(wheels) == 1 and packages[0] not in installed


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
