"""Unit files: checked by systemd before they are in place, read by systemd after.

A unit that left the description is stopped and disabled before its file goes. A drop-in of
one of others changes what a unit of ours does: it is set aside, where systemd doesn't read it.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    Reason,
    Target,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import Directory
from homeport.operations.units import drop_ins as overrides
from homeport.operations.units.probe import UnitsState, parse, probe
from homeport.operations.units.resources import (
    FOLDER,
    NAME,
    Unit,
    UnitPayload,
    UnreadUnit,
    copies,
    entries,
)


class Why(Reason):
    """The reasons why systemd is to read a unit file that is as described."""

    UNREAD = "systemd has not read it since it changed"


def diff(
    description: DesiredState, actual: UnitsState, pending: PendingTargets = NOTHING
) -> list[Change[UnitPayload]]:
    """Return what differs, what has left, the ledger if that changes, or what systemd missed.

    Raises ``PreconditionError`` for a unit of another application, of a package or of a person:
    none may take the other's.
    """
    for ledger, path in actual.claims:
        if ledger != managed_set.ledger_path(description.app, NAME):
            other = PurePosixPath(ledger).parent.name
            raise PreconditionError(
                f"{path} belongs to the application {other}; rename the process in one of the two"
            )
    if foreign := [*actual.shadowed, *_unmarked(description, actual)]:
        raise PreconditionError(
            f"{', '.join(foreign)} is there, and homeport did not write it; rename the process in "
            "app.yml, or remove the unit if nothing needs it"
        )
    changes: list[Change[UnitPayload]] = [
        *managed_set.diff(
            description.app,
            NAME,
            entries(description),
            actual.files,
            description.snapshot_context,
            made=description.of(Directory),
        ),
        *overrides.changes(NAME, actual.overrides, copies(description)),
    ]
    return changes or [
        Change("change", Target(NAME, f"{FOLDER}/{name}"), (Why.UNREAD(),), UnreadUnit(name))
        for name in actual.unread
    ]


def _unmarked(description: DesiredState, actual: UnitsState) -> list[str]:
    """Return the unmarked files that aren't ours by the ledger either, as edited ones of ours."""
    ours = {*actual.files.ledger}
    for unit in description.of(Unit):
        if unit.place in ours:
            ours.update(unit.slot_copies)
    return [path for path in actual.unmarked if path not in ours]


KIND = Kind(NAME, probe, parse, diff, when_changed("homeport.operations.units.apply"))


converge = operation_for(KIND)
"""Make unit files as described."""
