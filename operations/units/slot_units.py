"""Units of processes that run in slots: one text, from which each slot has its own.

The text lies with the configuration, as a template, where systemd doesn't read it. When a slot is
made ready it gets a copy of the configuration, and systemd a copy of the unit from there. Neither
is written here; but an edited copy is put back.
"""

from __future__ import annotations

from dataclasses import dataclass

from homeport.hostctl.protocol import SLOTS
from homeport.operations.units import resources
from homeport.operations.units.resources import Unit


@dataclass(frozen=True)
class SlotUnit(Unit):
    """The template of the units of slots, ``NAME@.service``.

    + folder: where it lies
    + slots: where the slots are
    """

    folder: str = ""
    slots: str = ""

    @property
    def place(self) -> str:
        """The path of its file."""
        return f"{self.folder}/{self.name}"

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The names of the units that are made from it."""
        return tuple(self.name.replace("@.", f"@{slot}.") for slot in SLOTS)

    @property
    def dropin_names(self) -> tuple[str, ...]:
        """The names under which a drop-in changes one of them."""
        return (*self.unit_names, self.name)

    @property
    def conflicting_paths(self) -> tuple[str, ...]:
        """The paths in another application's ledger whose units share a name with these."""
        stem = self.name.removesuffix("@.service")
        folders = (f"{resources.FOLDER}/{stem}-{slot}.service" for slot in SLOTS)
        return (f"/units/{self.name}", *folders)

    @property
    def slot_copies(self) -> dict[str, str]:
        """The paths from which systemd reads the slots' units, each with its original's."""
        return {
            f"{resources.FOLDER}/{unit}": f"{self.slots}/{slot}/etc/units/{self.name}"
            for unit, slot in zip(self.unit_names, SLOTS, strict=True)
        }
