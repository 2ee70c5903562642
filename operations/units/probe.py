"""The probe of unit files, and of what systemd has read of them."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from homeport.engine.kind import (
    DesiredState,
    ProbeOutput,
)
from homeport.files import managed_set
from homeport.files.managed_set import ManagedSetState
from homeport.operations.units import drop_ins as overrides
from homeport.operations.units.resources import FOLDER, NAME, Unit, copies, entries

OVERRIDES = ("drop-in", "edited")

FOLDERS = (
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""Where systemd reads units of others than the administrator (systemd.unit(5))."""
MARK = "# Written by homeport;"
"""What the first line of each unit of ours begins with."""


OWN = ("unread", "claim", "shadowed", "unmarked", *OVERRIDES)
"""What lines of the answer begin with that aren't about files."""


@dataclass(frozen=True)
class UnitsState:
    """The unit files that the host has, those that systemd has yet to read, and what changes them.

    + claims: those of our names that another application keeps: its ledger, and the path
    + shadowed: unit files that ours would take the place of: the system's, a package's
    + unmarked: files in the places of ours that homeport didn't write
    """

    files: ManagedSetState
    unread: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    shadowed: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at unit files, and asks systemd which of them it has not read."""
    script = managed_set.probe(
        description.app, NAME, entries(description), key, description.snapshot_context
    )
    described = description.of(Unit)
    if not described:
        return script
    # One that is gone is not to be read: that of a slot which has just been let go, for instance.
    names = " ".join(quote(name) for unit in described for name in unit.unit_names)
    changeable = [name for unit in described for name in unit.dropin_names]
    rivals = " ".join(
        f"-e {quote(rival)}" for unit in described for rival in unit.conflicting_paths
    )
    ledgers = managed_set.ledger_path("*", NAME)
    return f"""\
{script}
set +f
{overrides.probe(FOLDER, changeable, copies(description))}
grep -sHF {rivals} -- {ledgers} | sed 's/^/claim\\t/'
for unit in {" ".join(map(quote, changeable))}; do
  for folder in {" ".join(FOLDERS)}; do
    if [ -s "$folder/$unit" ]; then printf 'shadowed\\t%s\\n' "$folder/$unit"; break; fi
  done
  if [ -e "{FOLDER}/$unit" ] || [ -L "{FOLDER}/$unit" ]; then
    first=
    if [ -f "{FOLDER}/$unit" ]; then IFS= read -r first <"{FOLDER}/$unit" || :; fi
    case $first in '{MARK}'*) ;; *) printf 'unmarked\\t%s\\n' "{FOLDER}/$unit" ;; esac
  fi
done
told=$(systemctl show -p Id,NeedDaemonReload -- {names})
while IFS== read -r name value; do
  case "$name=$value" in
    Id=*) unit=$value ;;
    NeedDaemonReload=yes) [ ! -e "{FOLDER}/$unit" ] || printf 'unread\\t%s\\n' "$unit" ;;
  esac
done <<TOLD
$told
TOLD
"""


def parse(answer: ProbeOutput) -> UnitsState:
    """Return what was found, or raise ``ProbeError``."""
    lines = [line.partition("\t") for line in answer.lines]
    claimed = (what.partition(":") for name, _, what in lines if name == "claim")
    unread, shadowed, unmarked = (
        tuple(what for name, _, what in lines if name == own)
        for own in ("unread", "shadowed", "unmarked")
    )
    found = tuple((name, what) for name, _, what in lines if name in OVERRIDES)
    files = "\n".join("".join(line) for line in lines if line[0] not in OWN)
    managed = managed_set.parse(ProbeOutput(files, answer.key))
    claims = tuple((ledger, path) for ledger, _, path in claimed)
    return UnitsState(managed, unread, found, claims, shadowed, unmarked)
