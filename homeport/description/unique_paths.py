"""Paths that a description names in two places: each deploy would put one in place of the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from homeport.errors import UserError
from homeport.files.entries import PathEntry
from homeport.hostctl import protocol
from homeport.operations.config_files import ConfigFile
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.proxy.resources import Site
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink
from homeport.operations.units.resources import Unit
from homeport.operations.venvs.resources import Venv


def require_unique(resources: Sequence[object], file: str) -> None:
    """Raise ``UserError``, with the file that adds to a description, if a path is there twice."""
    described = set[str]()
    for path in _paths(resources):
        if path in described:
            raise UserError(f"{path} is described twice", fix="remove one of the two", file=file)
        described.add(path)


def _paths(resources: Sequence[object]) -> Iterator[str]:
    for resource in resources:
        match resource:
            case PathEntry() | ConfigFile() | Site() | Venv() | Release() | CurrentLink():
                yield resource.path
            case HostProgram():
                yield from (protocol.PROGRAM, protocol.LIBRARY)
                yield f"{protocol.UNITS}/{protocol.BOOT_UNIT}"
            case Unit():
                yield from (resource.place, *resource.slot_copies)
