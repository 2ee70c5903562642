"""The pointer: what was confirmed last, which survives everything, and serves after a reboot.

It is written to the journal before, and stays there until the next deploy ends: so one that is
damaged or gone is known all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..protocol import CONFIRMED, NO_SLOT, POINTER_VERSION, SLOTS, require_version
from ..system import atomic_files
from ..system.exit_codes import CommandFailed
from ..system.paths import AppPaths
from ..system.records import text_digest

DIGEST = "digest "


class PointerDamaged(CommandFailed):
    """It can't be told what serves: neither by the pointer nor by the last journal."""


class Pointer(NamedTuple):
    """The release confirmed last: the slot that serves (None without slots), and what it runs.

    + data: the highest version of the data layout that was ever confirmed
    """

    slot: str | None
    generation: str
    release: str
    data: int = 0

    @classmethod
    def read(cls, place: AppPaths) -> Pointer | None:
        """Return the pointer, None if nothing was ever confirmed.

        Raises VersionError, and PointerDamaged if it can't be told.
        """
        values = read_pointer(place)
        if values is None:
            return None
        slot, data = values.get("slot", NO_SLOT), values.get("data", "0")
        known = slot if slot in SLOTS else None
        found = cls(known, values.get("generation", ""), values.get("release", ""))
        return found._replace(data=int(data) if data.isdigit() else 0)

    def write(self, place: AppPaths) -> None:
        """Keep this for good: whatever happens from now on, this is what serves."""
        output = {
            "slot": self.slot or NO_SLOT,
            "generation": self.generation,
            "release": self.release,
            "data": str(self.data),
        }
        lines = "".join(f"{name} {value}\n" for name, value in output.items())
        text = f"version {POINTER_VERSION}\n{lines}"
        atomic_files.write(place.active, f"{text}{DIGEST}{text_digest(text)}\n")


def read_pointer(place: AppPaths) -> dict[str, str] | None:
    """Return the names and values of the pointer, None if nothing was ever confirmed.

    Raises VersionError, and PointerDamaged if it can't be told.
    """
    content = atomic_files.read(place.active)
    if content is not None and (values := parse(content, place.active)) is not None:
        return values
    if (values := _journaled(place)) is not None:
        return values or None
    if content is None:
        return None
    raise PointerDamaged(
        f"{place.active} is damaged, and no journal tells what serves."
        " Fix: if nothing runs, remove it, and deploy"
    )


def is_damaged(place: AppPaths) -> bool:
    """Return whether the pointer itself doesn't say what serves, though something was confirmed."""
    content = atomic_files.read(place.active)
    if content is None:
        return bool(_journaled(place))
    return parse(content, place.active) is None


def repair(place: AppPaths) -> bool:
    """Write a damaged pointer anew from the last journal; return whether it was damaged.

    Raises VersionError, PointerDamaged, OSError.
    """
    if not is_damaged(place):
        return False
    if (found := Pointer.read(place)) is not None:
        found.write(place)
    return True


def parse(content: bytes, file: object) -> dict[str, str] | None:
    """Return the names and values that a pointer says, None if it isn't whole.

    Raises VersionError.
    """
    lines = content.decode(errors="replace").splitlines(keepends=True)
    # One of before there were versions says the slot first; what else it may say is no pointer.
    if not lines or not lines[0].startswith(("version ", "slot ")):
        return None
    if require_version(lines[0].rstrip("\n"), file, POINTER_VERSION) > 1:
        *lines, last = lines
        if last != f"{DIGEST}{text_digest(''.join(lines))}\n":
            return None
    pairs = (line.rstrip("\n").partition(" ") for line in lines[1:])
    found = {name: value for name, _, value in pairs if name}
    return found if {"slot", "generation", "release"} <= found.keys() else None


def _journaled(place: AppPaths) -> dict[str, str] | None:
    """Return what the journals say serves: empty if nothing was confirmed, None if they don't."""
    for path in (place.journal, place.last_journal):
        listing = atomic_files.listing(path)
        if listing.damage or not listing.records:
            continue
        first, ended = listing.records[0], listing.records[-1]
        if path == place.last_journal and ended.get("state") == CONFIRMED:
            return _values(ended)
        if isinstance(before := first.get("before"), Mapping):
            return {str(name): str(value) for name, value in (before.get("active") or {}).items()}
    return None


def _values(ended: Mapping[str, Any]) -> dict[str, str]:
    names: Sequence[str] = ("slot", "generation", "release", "data")
    return {name: str(ended.get(name) or (NO_SLOT if name == "slot" else 0)) for name in names}
