"""The pointer: what was confirmed last, which survives everything, and serves after a reboot."""

from __future__ import annotations

from typing import NamedTuple

from ..protocol import NO_SLOT, SLOTS, VERSION_LINE, require_version
from ..system import atomic_files
from ..system.paths import AppPaths


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
        """Return the pointer, None if nothing was ever confirmed. Raises VersionError."""
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
        }
        lines = "".join(f"{name} {value}\n" for name, value in output.items())
        atomic_files.write(place.active, f"{VERSION_LINE}\n{lines}data {self.data}\n")


def read_pointer(place: AppPaths) -> dict[str, str] | None:
    """Return the names and values of the pointer, None if there is none. Raises VersionError."""
    content = atomic_files.read(place.active)
    if content is None:
        return None
    version, *lines = content.decode(errors="replace").splitlines() or [""]
    require_version(version, place.active)
    return {name: value for name, _, value in (line.partition(" ") for line in lines) if name}
