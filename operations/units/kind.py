"""Unit files: checked by systemd before they are in place, read by systemd after.

A unit that left the description is stopped and disabled before its file goes. A drop-in of
one of others changes what a unit of ours does: it is set aside, where systemd doesn't read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeOutput,
    Reason,
    Target,
    of_payload,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import Absent, Entry, File, PathEntry, stage
from homeport.files.managed_set import ManagedSetState
from homeport.hostctl.protocol import RECORDS, SLOTS, UNITS
from homeport.operations.units import drop_ins as overrides
from homeport.operations.units.drop_ins import Override

NAME = "units"
FOLDER = UNITS
OVERRIDES = ("drop-in", "edited")
OWN = ("unread", "claim", *OVERRIDES)
"""What lines of the answer begin with that aren't about files."""


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


@dataclass(frozen=True)
class UnreadUnit:
    """A unit file that systemd has yet to read, as it is named there."""

    name: str


UnitPayload = PathEntry | Override | UnreadUnit


def _entries(description: DesiredState) -> list[Entry]:
    return [File(unit.place, unit.text.encode()) for unit in description.of(Unit)]


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
        description.app, NAME, _entries(description), key, description.snapshot_context
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
{overrides.probe(FOLDER, changeable, _copies(description))}
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


def _copies(description: DesiredState) -> dict[str, str]:
    return {path: copy for unit in description.of(Unit) for path, copy in unit.slot_copies.items()}


class Why(Reason):
    """Why systemd is to read a unit file that is as described."""

    UNREAD = "systemd has not read it since it changed"


def diff(
    description: DesiredState, actual: UnitsState, pending: PendingTargets = NOTHING
) -> list[Change[UnitPayload]]:
    """Return what differs, what has left, the ledger if that changes, or what systemd missed.

    Raises ``PreconditionError`` for a unit that is another application's: neither may take the
    other's.
    """
    for ledger, path in actual.claims:
        if ledger != managed_set.ledger_path(description.app, NAME):
            other = PurePosixPath(ledger).parent.name
            raise PreconditionError(
                f"{path} belongs to the application {other}; rename the process in one of the two"
            )
    changes: list[Change[UnitPayload]] = [
        *managed_set.diff(
            description.app, NAME, _entries(description), actual.files, description.snapshot_context
        ),
        *overrides.changes(NAME, actual.overrides, _copies(description)),
    ]
    return changes or [
        Change("change", Target(NAME, f"{FOLDER}/{name}"), (Why.UNREAD(),), UnreadUnit(name))
        for name in actual.unread
    ]


def apply(
    description: DesiredState, actual: UnitsState, changes: Sequence[Change[UnitPayload]]
) -> Commands:
    """Yield the one command that checks, replaces and removes unit files, and has them read."""
    undescribed = payloads(changes, Override)
    aside = [each.put_back for each in undescribed]
    besides = [path for each in undescribed for path in each.touched]
    written = of_payload(changes, PathEntry)
    if not written:
        keep = description.snapshot_context.keep(description.app, besides)
        lines = ["set -e", keep, *aside, "systemctl daemon-reload"]
        yield StringCommand("\n".join(line for line in lines if line))
        return
    paths = {unit.place for unit in description.of(Unit)}
    coming = [file.path for file in payloads(changes, File) if file.path in paths]
    gone = (PurePosixPath(entry.path) for entry in payloads(changes, Absent))
    leaving = [path.name for path in gone if path.parent == PurePosixPath(FOLDER)]
    yield from managed_set.apply(
        description.app,
        NAME,
        written,
        before="\n".join([*aside, *([_stop(leaving)] if leaving else [])]),
        check=_verify(coming) if coming else "",
        after="systemctl daemon-reload",
        snapshot_context=description.snapshot_context,
        besides=besides,
    )


def _stop(names: Sequence[str]) -> str:
    words = " ".join(quote(name) for name in names)
    records = " ".join(quote(f"{RECORDS}/{name}") for name in names)
    # A unit that failed is known to systemd as such when its file is gone, until it forgets that.
    forget = f"systemctl reset-failed {words} 2>/dev/null || true"
    return f"systemctl disable --now --quiet {words}\n{forget}\nrm -f {records}"


def _verify(paths: Sequence[str]) -> str:
    # systemd-analyze exits 0 on a misspelt key and complains of units that aren't ours:
    # what it says of these names is what counts.
    # Of a template it tries an instance, by a name of its own choosing.
    names = [PurePosixPath(path).name for path in paths]
    staged = " ".join(quote(f"{stage(path)}/{PurePosixPath(path).name}") for path in paths)
    ours = " ".join(f"-e {quote(name.replace('@.service', '@'))}" for name in names)
    return f"""\
if systemd-analyze verify --man=no --recursive-errors=no {staged} 2>&1 | grep -F {ours} >&2; then
  exit 1
fi"""


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Make unit files as described."""
