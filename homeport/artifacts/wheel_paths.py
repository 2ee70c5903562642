"""The places in a venv where a wheel puts its files, and those where no wheel may put any."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from posixpath import normpath

from packaging.utils import canonicalize_name

from homeport.artifacts.unpacking import open_wheel
from homeport.errors import UserError

_SITE = "lib/python3/site-packages"
_OURS = re.compile(
    # What makes it a venv, and says which Python runs there.
    r"pyvenv\.cfg|lib64|bin"
    r"|bin/python(?:\d[\d.]*t?)?(?:\._pth)?|bin/pybuilddir\.txt"
    # What users source, and what tells what was built.
    r"|bin/(?:de)?activate.*|\.homeport(?:/.*)?"
)


def installed_path(name: str, site: str) -> str:
    """Return where an installer puts a file of a wheel, relative to the venv (PEP 427).

    `site` is the directory of packages in the venv. The path is as the wheel spells it.
    """
    parts = PurePosixPath(name).parts
    if not (parts[0].endswith(".data") and len(parts) > 2):
        return f"{site}/{name}"
    package = canonicalize_name(parts[0].removesuffix(".data").rpartition("-")[0])
    python = PurePosixPath(site).parent.name
    root = {
        "scripts": "bin",
        "headers": f"include/site/{python}/{package}",
        "data": "",
    }.get(parts[1], site)
    return str(PurePosixPath(root, *parts[2:]))


def check_paths(wheel: Path, scripts: Iterable[str]) -> None:
    """Raise ``UserError`` for a file that leaves the venv, or that is to replace one of its own.

    `scripts` are the names of its programs. With a `pyvenv.cfg` or a `bin/python` of its own, a
    wheel would choose what runs as the venv's Python.
    """
    with open_wheel(wheel) as archive:
        names = archive.namelist()
    for name in (*names, *(f"x-1.data/scripts/{script}" for script in scripts)):
        if not name.isprintable() or "\\" in name or name.startswith("/") or not name:
            raise _refusal(wheel, f"has a file of an unusual name: {name!r}")
        place = normpath(installed_path(name, _SITE))
        if place.startswith("../") or place in ("..", "."):
            raise _refusal(wheel, f"has a file that leaves the venv: {name}")
        if _OURS.fullmatch(place) and not name.endswith("/"):
            raise _refusal(wheel, f"would replace {place} of the venv: {name}")


def _refusal(wheel: Path, what: str) -> UserError:
    fix = "take this package out of the lock, or lock another version of it"
    return UserError(f"this wheel {what}", fix=fix, file=wheel)
