"""What stands on a host: found by find(1) and systemd, by the names of what was deployed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

Shell = Callable[[str], str]
"""Runs a script as root on a host, and returns what it prints."""

ASIDE = "/var/lib/spec-faults"
"""The folder in which a damage keeps what it changes."""
APART = ("/proc", "/sys", "/dev", "/tmp", "/run/systemd", "/run/user", ASIDE)
"""What belongs to the kernel, to systemd and to us."""
FIELDS = 6
PLACES = """\
cd /
find {root} \\( {apart} \\) -prune -o \\( -name '*homeport*' -o -name '{app}' \\
  -o -name '{app}[-.@]*' -o -lname '/srv/{app}/*' -o -path '/home/*/.ssh' \\
  -o -path '*/.git/hooks' \\) -print0 |
  xargs -0 -I@ find @ -printf '%p\\0%y\\0%m\\0%u\\0%g\\0%l\\0' || :
"""
UNITS = """\
units=$(systemctl list-units --all --plain --no-legend '{app}-*' 'homeport*' nginx.service |
  sed -n 's/^ *\\([^ ]*\\.\\(service\\|timer\\)\\) .*/\\1/p')
systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,Type,FragmentPath -- $units
echo
systemctl show -p Id,Triggers,WatchdogUSec,Restart,User,ExecStart -- $units
"""


@dataclass(frozen=True)
class Place:
    """What is at a path: ``kind`` is find's letter, ``target`` where a link leads."""

    path: str
    kind: str
    mode: str
    owner: str
    group: str
    target: str


@dataclass(frozen=True)
class Survey:
    """A host as it is: its places by path, and its units by name."""

    app: str
    described: Mapping[str, Any]
    places: dict[str, Place] = field(repr=False)
    units: dict[str, dict[str, str]] = field(repr=False)

    def below(self, folder: str, kinds: str = "f") -> Iterator[Place]:
        """Yield what is below a folder, of some of find's kinds."""
        above = PurePosixPath(folder)
        for path, place in self.places.items():
            if place.kind in kinds and above in PurePosixPath(path).parents:
                yield place

    def services(self, **properties: str) -> Iterator[str]:
        """Yield the units of the application that have these properties."""
        for name, has in self.units.items():
            if name.startswith(f"{self.app}-") and properties.items() <= has.items():
                yield name


def survey(run: Shell, described: Mapping[str, Any], root: str = "/") -> Survey:
    """Return what a host has of the application that a document describes."""
    app = str(described["name"])
    apart = " -o ".join(f"-path {path}" for path in APART)
    words = run(PLACES.format(app=app, apart=apart, root=root)).split("\0")[:-1]
    rows = [words[at : at + FIELDS] for at in range(0, len(words), FIELDS)]
    places = {row[0]: Place(*row) for row in rows}
    units: dict[str, dict[str, str]] = {}
    # Nothing runs on a laptop but while its user runs it.
    shown = run(UNITS.format(app=app)) if root == "/" else ""
    for block in shown.split("\n\n"):
        found = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if found:
            units.setdefault(found["Id"], {}).update(found)
    return Survey(app, described, places, units)
