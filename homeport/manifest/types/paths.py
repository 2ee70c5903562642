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
    """Return the path, or raise that it leads out of the folder of the application file."""
    if path.startswith(("/", "~")) or ".." in PurePosixPath(path).parts:
        fix = "keep it in the folder of the application file, and write it relative to that"
        raise refuse(f"{quoted(path)} points outside the project", fix)
    return path


def below(pattern: str) -> str:
    """Return the pattern, or raise that it is held against files outside the source."""
    if ".." in PurePosixPath(pattern).parts:
        fix = "write it from the folder of the source; what is outside is left out anyway"
        raise refuse(f"{quoted(pattern)} points outside the source", fix)
    return pattern


def locked(path: str) -> str:
    """Return the path, or raise that such a file doesn't say what exactly to install."""
    if PurePosixPath(path).suffix in WANTED_NOT_LOCKED:
        fix = "lock it (uv lock, or uv pip compile --generate-hashes) and name the locked file"
        raise refuse(f"{quoted(path)} says what is wanted, not what is locked", fix)
    return path


def reachable(path: str) -> str:
    """Return the path, or raise that it stands in the home of somebody else."""
    if path.startswith("~") and path != "~" and not path.startswith("~/"):
        raise refuse(f"{quoted(path)} is in another home", "start it with ~/ or write it in full")
    return path


def resolve(root: Path, path: str) -> Path:
    """Return where a path of the application file is on this machine."""
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
