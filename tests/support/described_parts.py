"""What tests of several modules share: described parts."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.operations.services.resources import Service
from homeport.operations.units.resources import Unit


def files(description: DesiredState) -> dict[str, File]:
    return {file.path: file for file in description.of(File)}


def units(description: DesiredState) -> dict[str, str]:
    return {unit.name: unit.text for unit in description.of(Unit)}


def services(description: DesiredState) -> dict[str, Service]:
    return {service.unit: service for service in description.of(Service)}


def values(unit: str, key: str) -> list[str]:
    pairs = [line.partition("=") for line in unit.splitlines()]
    return [value for name, _, value in pairs if name == key]


def moved(before: DesiredState, after: DesiredState) -> set[str]:
    """The paths, units and links whose description is another."""
    changed = set()
    for one, other in zip(before.resources, after.resources, strict=True):
        if one != other:
            assert type(one) is type(other)
            changed.add(getattr(one, "path", None) or getattr(one, "unit", None) or one.name)
    return changed
