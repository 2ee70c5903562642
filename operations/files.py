"""Files, directories and links: written as one group, atomically, in one command.

What leaves the description leaves the host, if it was homeport that put it there.
"""

from __future__ import annotations

from collections.abc import Sequence

from homeport.engine.kind import NOTHING, Change, Commands, DesiredState, Kind, PendingTargets
from homeport.engine.phase import operation_for
from homeport.files import claims, managed_set
from homeport.files.entries import Absent, Directory, Entry, File, Link, PathEntry
from homeport.files.managed_set import ManagedSetState
from homeport.hostctl import protocol
from homeport.operations.users.resources import ServiceUser

NAME = "files"
OURS = (protocol.PROGRAM, protocol.LIBRARY, f"{protocol.CACHE}/uv", f"{protocol.STATE}/lease")
"""Where root keeps what it runs and goes by, besides the files of this group."""


def _entries(description: DesiredState) -> list[Entry]:
    kinds = (Directory, File, Link, Absent)
    return [entry for entry in description.resources if isinstance(entry, kinds)]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at every described path and at every path that left."""
    app, snapshot_context = description.app, description.snapshot_context
    script = managed_set.probe(app, NAME, _entries(description), key, snapshot_context, OURS)
    if snapshot_context.ledgers is not None:
        return script
    return f"{script}\n{claims.probe(app, _entries(description))}"


def diff(
    description: DesiredState, actual: ManagedSetState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry]]:
    """Return what differs, what has left, and the ledger if that changes.

    Raises ``PreconditionError`` for a path that another application keeps, or one in a directory
    that isn't root's alone.
    """
    claims.require_unclaimed(actual.claims)
    made = [
        Directory(path, "700", user.name, user.name)
        for user in description.of(ServiceUser)
        for path in user.directories
    ]
    return managed_set.diff(
        description.app,
        NAME,
        _entries(description),
        actual,
        description.snapshot_context,
        made,
        OURS,
    )


def apply(
    description: DesiredState, actual: ManagedSetState, changes: Sequence[Change[PathEntry]]
) -> Commands:
    """Yield the one command that puts all of it right."""
    yield from managed_set.apply(
        description.app, NAME, changes, snapshot_context=description.snapshot_context
    )


KIND = Kind(NAME, probe, managed_set.parse, diff, apply)
converge = operation_for(KIND)
"""Make files, directories and links as described."""
