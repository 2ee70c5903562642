"""Unit files, and what may be wrong with one that is as described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from homeport.engine.kind import (
    DesiredState,
)
from homeport.files.entries import Entry, File, PathEntry
from homeport.hostctl.protocol import SLOTS, UNITS
from homeport.operations.units.drop_ins import Override

NAME = "units"


FOLDER = UNITS


@dataclass(frozen=True)
class Unit:
    """A unit file of ours, named as systemd names it."""

    name: str
    text: str

    @property
    def place(self) -> str:
        """The path of its file."""
        return f"{FOLDER}/{self.name}"

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The names by which systemd knows what runs from it."""
        return (self.name,)

    @property
    def dropin_names(self) -> tuple[str, ...]:
        """The names under which a drop-in changes it."""
        return (self.name,)

    @property
    def conflicting_paths(self) -> tuple[str, ...]:
        """The paths in another application's ledger whose units share a name with this one."""
        # A slot's folder in /run ends in the name of the slot.
        stem = self.name.removesuffix(".service")
        slotted = (stem.removesuffix(f"-{slot}") for slot in SLOTS if stem.endswith(f"-{slot}"))
        return (self.place, *(f"/units/{each}@.service" for each in slotted))

    @property
    def slot_copies(self) -> dict[str, str]:
        """The paths from which systemd reads copies of it, each with its original's."""
        return {}


class UnreadUnit(NamedTuple):
    """A unit file that systemd has yet to read, as it is named there."""

    name: str


UnitPayload = PathEntry | Override | UnreadUnit


def entries(description: DesiredState) -> list[Entry]:
    """Return the described units as files."""
    return [File(unit.place, unit.text.encode()) for unit in description.of(Unit)]


def copies(description: DesiredState) -> dict[str, str]:
    """Return the copies of the described units, each with its original's path."""
    return {path: copy for unit in description.of(Unit) for path, copy in unit.slot_copies.items()}
