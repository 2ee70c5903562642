"""Files and directories that an application file names: inside its folder, or anywhere."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator

from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import Line, Text

WANTED_NOT_LOCKED = {".toml", ".in", ".cfg", ".py"}


def inside(path: str) -> str:
    """Return the path. Raises ``ValueError`` if it is outside the application file's folder."""
    if path.startswith(("/", "~")) or ".." in PurePosixPath(path).parts:
        fix = "keep it in the folder of the application file, and write it relative to that"
        raise refuse(f"{quoted(path)} points outside the project", fix)
    return path


def below(pattern: str) -> str:
    """Return the pattern. Raises ``ValueError`` if it matches files outside the source."""
    if ".." in PurePosixPath(pattern).parts:
        fix = "write it from the folder of the source; what is outside is left out anyway"
        raise refuse(f"{quoted(pattern)} points outside the source", fix)
    return pattern


def locked(path: str) -> str:
    """Return the path. Raises ``ValueError`` if it is no lock, by its suffix."""
    if PurePosixPath(path).suffix in WANTED_NOT_LOCKED:
        fix = "lock it (uv lock, or uv pip compile --generate-hashes) and name the locked file"
        raise refuse(f"{quoted(path)} says what is wanted, not what is locked", fix)
    return path


def reachable(path: str) -> str:
    """Return the path. Raises ``ValueError`` if it is in the home of another user."""
    if path.startswith("~") and path != "~" and not path.startswith("~/"):
        raise refuse(f"{quoted(path)} is in another home", "start it with ~/ or write it in full")
    return path


def resolve(root: Path, path: str) -> Path:
    """Return the path on this machine of a path in the application file, relative to ``root``."""
    return root / Path(path).expanduser()


ProjectPath = Annotated[Line, AfterValidator(inside)]
Pattern = Annotated[Line, AfterValidator(below)]
Lock = Annotated[ProjectPath, AfterValidator(locked)]
AnyPath = Annotated[Line, AfterValidator(reachable)]
DataDirectory = Annotated[
    Text,
    TextPattern(
        "[A-Za-z0-9_][A-Za-z0-9._-]{0,63}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}){0,7}",
        "is not the name of a data directory",
        "write it relative to the data of the application, such as uploads, neither starting "
        "with / nor going up",
    ),
]
