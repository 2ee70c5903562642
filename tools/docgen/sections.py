"""The sections of a page: one for each type of resource, one row a resource.

A type that nothing is said of here has a section all the same, with its plain fields as columns.
Contents are never told: a field that holds several lines, bytes, or what is hidden from its
``repr``, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import Field, fields, is_dataclass
from typing import Any

from homeport.artifacts import Artifact, Lock, PythonPlatform
from homeport.engine.kind import DesiredState
from homeport.files.entries import Absent, Directory, File, Link
from homeport.hostctl.protocol import PROGRAM
from homeport.operations.hostctl.program import BOOT
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform
from homeport.operations.proxy.resources import CLAIM, Site
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, Service
from homeport.operations.units.resources import FOLDER, Unit
from homeport.operations.units.slot_units import SlotUnit
from homeport.operations.users.resources import ServiceUser
from homeport.operations.venvs.resources import Venv
from tools.docgen import unit_tables
from tools.docgen.markdown import Row, code, codes, table

ENTRIES: tuple[type, ...] = (Directory, File, Link, Absent)
TITLES: dict[type, str] = {
    Package: "Debian packages",
    ServiceUser: "Accounts",
    HostProgram: "Host program",
    **dict.fromkeys(ENTRIES, "Files and directories"),
    Venv: "Virtual environments",
    Release: "Releases",
    CurrentLink: "Current release",
    Unit: "Units",
    Site: "Server names (nginx)",
    SlotUnit: "Slot units",
    Service: "Services",
}
ON_OTHER_PAGES = (HostPlatform,)
COLUMNS: dict[type, tuple[str, ...]] = {
    Release: ("path", "artifact", "venv", "skip_imports"),
    Service: ("unit", "ready", "deadline", "slotted"),
}
LEFT_OUT = re.compile("content|digest|password|secret|sha256|text|token")


def sections(description: DesiredState) -> str:
    """Return all that a host is described to have, in the order of the description."""
    grouped: dict[str, list[object]] = {}
    for resource in description.resources:
        if not isinstance(resource, ON_OTHER_PAGES):
            title = TITLES.get(type(resource), _spelled(type(resource).__name__))
            grouped.setdefault(title, []).append(resource)
    parts = ((title, _section(found, description)) for title, found in grouped.items())
    return "\n".join(f"### {title}\n\n{text}" for title, text in parts)


def _section(resources: Sequence[Any], description: DesiredState) -> str:
    if isinstance(resources[0], ENTRIES):
        made = unit_tables.directories([unit.text for unit in description.of(Unit)])
        return table(
            sorted([*map(_entry, resources), *made], key=lambda row: row["path"].strip("`"))
        )
    return BODIES.get(type(resources[0]), _rows)(resources)


def _rows(resources: Sequence[Any]) -> str:
    return table([_row(resource) for resource in resources])


def _row(resource: Any) -> Row:
    if not is_dataclass(resource):
        return {"resource": code(str(resource))}
    values = {
        field.name: _shown(getattr(resource, field.name)) for field in _shown_fields(resource)
    }
    return {name: code(text) for name, text in values.items()}


def _shown_fields(resource: Any) -> list[Field[Any]]:
    columns = COLUMNS.get(type(resource))
    if columns is not None:
        return [field for field in fields(resource) if field.name in columns]
    return [field for field in fields(resource) if field.repr and not LEFT_OUT.search(field.name)]


def _shown(value: object) -> str:
    match value:
        case Artifact() | Lock():
            return value.id[:12]
        case str() if "\n" in value:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() | int() | float() | PythonPlatform():
            return str(value)
        case tuple() | list() | set() | frozenset():
            return ", ".join(filter(None, map(_shown, value)))
        case _:
            # Of another resource, its name is enough: it has a row of its own.
            return str(getattr(value, "path", "")) if is_dataclass(value) else ""


def _packages(resources: Sequence[Package]) -> str:
    return f"{codes(package.name for package in resources)}\n"


def _entry(entry: Any) -> Row:
    owner = f"{entry.owner}:{entry.group}" if isinstance(entry, File | Directory) else ""
    mode = entry.mode if isinstance(entry, File | Directory) else ""
    match entry:
        case File(secret=True):
            what = "file, secret"
        case Link():
            what = f"link to {code(entry.target)}"
        case _:
            what = "nothing" if isinstance(entry, Absent) else type(entry).__name__.lower()
    return {"path": code(entry.path), "what": what, "mode": mode, "owner": owner}


def _venvs(resources: Sequence[Venv]) -> str:
    parts = [table([_row(venv)]) + _pins(venv) for venv in resources]
    return "\n".join(parts)


def _pins(venv: Venv) -> str:
    pins = [{"package": pin.name, "version": pin.version} for pin in venv.lock.requirements]
    return f"\n{table(pins)}" if pins else ""


def _units(resources: Sequence[Unit]) -> str:
    services = [unit for unit in resources if not unit.name.endswith(".timer")]
    timers = [unit for unit in resources if unit.name.endswith(".timer")]
    parts = [table([unit_tables.service(unit.name, unit.text) for unit in services])]
    parts += [table([unit_tables.timer(unit.name, unit.text) for unit in timers])] * bool(timers)
    return "\n".join([f"In {code(FOLDER)}.\n", *parts])


def _guards(resources: Sequence[HostProgram]) -> str:
    return f"{code(PROGRAM)}, and {code(BOOT)}, which is enabled.\n"


def _slot_units(resources: Sequence[SlotUnit]) -> str:
    (folder,) = {unit.folder for unit in resources}
    body = table([unit_tables.service(unit.name, unit.text) for unit in resources])
    return f"In {code(folder)}; each slot has a copy in {code(FOLDER)}.\n\n{body}"


def _sites(resources: Sequence[Site]) -> str:
    return table(
        [
            {"path": code(site.path), "answers to": claim.removeprefix(CLAIM).rstrip(".")}
            for site in resources
            for claim in site.claims
        ]
    )


BODIES: dict[type, Callable[[Sequence[Any]], str]] = {
    HostProgram: _guards,
    Package: _packages,
    Venv: _venvs,
    Unit: _units,
    Site: _sites,
    SlotUnit: _slot_units,
}


def _spelled(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).capitalize()
