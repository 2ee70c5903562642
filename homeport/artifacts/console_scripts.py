"""Which programs a wheel puts into the bin directory of a venv, and which ones code declares."""

from __future__ import annotations

import configparser
import re
import tarfile
import tomllib
from pathlib import Path

from homeport.artifacts.unpacking import MOST_TEXT, open_wheel, read_text

_DECLARED = re.compile(r"[^/]+\.dist-info/entry_points\.txt")
_CARRIED = re.compile(r"[^/]+\.data/scripts/([^/]+)")
_SECTIONS = ("console_scripts", "gui_scripts")


def scripts_of(wheel: Path) -> tuple[str, ...]:
    """Return the names of a wheel's programs, sorted: those it declares and those it carries.

    It declares them in `entry_points.txt` (the entry points specification of PyPA) and carries
    them in `.data/scripts` (PEP 427). An `entry_points.txt` that can't be read declares none.
    """
    with open_wheel(wheel) as archive:
        names = archive.namelist()
        carried = {match[1] for name in names if (match := _CARRIED.fullmatch(name))}
        declared = (read_text(archive, name) for name in names if _DECLARED.fullmatch(name))
        return tuple(sorted(carried.union(*map(_declared, declared))))


def module_of_script(archive: Path, name: str) -> str | None:
    """Return the module of a script that the pyproject.toml of packed code declares, or None.

    Such a script is there once the project is installed, and code that is shipped isn't.
    """
    try:
        with tarfile.open(archive) as files:
            text = files.extractfile("pyproject.toml")
            project = tomllib.loads(text.read(MOST_TEXT).decode() if text else "")["project"]
        parts = (project[part] for part in ("scripts", "gui-scripts") if part in project)
        found = next((part[name] for part in parts if name in part), "").partition(":")[0]
    except (KeyError, TypeError, AttributeError, ValueError, OSError, tarfile.TarError):
        return None
    return found if re.fullmatch(r"\w+(\.\w+)*", found) else None


def _declared(text: bytes) -> set[str]:
    parser = configparser.ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as documented: keep case
    try:
        parser.read_string(text.decode())
    except (configparser.Error, UnicodeDecodeError):
        return set()
    return {name for part in _SECTIONS if part in parser for name in parser[part]}
