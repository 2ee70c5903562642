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


OWN = ("unread", "claim", *OVERRIDES)
"""What lines of the answer begin with that aren't about files."""


@dataclass(frozen=True)
class UnitsState:
    """The unit files that the host has, those that systemd has yet to read, and what changes them.

    ``claims`` are those of our names that another application keeps: its ledger, and the path.
    """

    files: ManagedSetState
    unread: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    claims: tuple[tuple[str, str], ...] = ()


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
    lines = [line.partition("\t") for line in answer.text.splitlines()]
    claimed = (what.partition(":") for name, _, what in lines if name == "claim")
    unread = tuple(what for name, _, what in lines if name == "unread")
    found = tuple((name, what) for name, _, what in lines if name in OVERRIDES)
    files = "\n".join("".join(line) for line in lines if line[0] not in OWN)
    managed = managed_set.parse(ProbeOutput(files, answer.key))
    claims = tuple((ledger, path) for ledger, _, path in claimed)
    return UnitsState(managed, unread, found, claims)
