"""A group of entries that is kept whole: what joins it is written, what leaves it is removed.

The group's ledger, a file on the host, names the paths that homeport put there. It is written in
the same command as they are, after removals and before additions, so that a deploy which dies at
any point leaves no file on the host that the ledger doesn't name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    ROOT,
    Action,
    Change,
    Commands,
    ProbeOutput,
    Reason,
    SnapshotContext,
    Target,
)
from homeport.files import ancestors, install
from homeport.files import entries as files
from homeport.files import probe as probing
from homeport.files.entries import (
    Absent,
    Directory,
    Entry,
    File,
    FileState,
    PathEntry,
    StaleStaging,
)
from homeport.hostctl.protocol import STATE, VERSION_LINE

CLAIM = "claim\t"
"""What a line begins with that tells of a path which another application keeps."""


class Why(Reason):
    """The reasons why a group is to be changed, besides what differs of its entries."""

    STALE_STAGING = "left by a deploy that was cut off"
    LEDGER = "homeport keeps {} paths more and {} fewer"


@dataclass(frozen=True)
class ManagedSetState:
    """The state of a group on a host: the files, the ledger's paths, and leftovers.

    ``claims`` are the paths that other applications keep: the ledger, and the path.
    """

    seen: Mapping[str, FileState]
    ledger: tuple[str, ...]
    left: tuple[str, ...]
    key: str
    claims: tuple[tuple[str, str], ...] = ()


def ledger_path(app: str, group: str) -> str:
    """Return where the host keeps the list of paths of one group of one application."""
    return f"{STATE}/{app}/{group}"


def ledger(app: str, group: str, snapshot_context: SnapshotContext) -> str:
    """Return where this keeper has that list."""
    return (
        ledger_path(app, group)
        if snapshot_context.ledgers is None
        else f"{snapshot_context.ledgers}/{group}"
    )


def probe(
    app: str,
    group: str,
    entries: Sequence[Entry],
    key: str,
    snapshot_context: SnapshotContext = ROOT,
    besides: Sequence[str] = (),
) -> str:
    """Return the shell that looks at the group's entries and at those that left it.

    Where root keeps the group it tells also of the directories above them, and above ``besides``.
    """
    above = besides if snapshot_context.ledgers is None else None
    return probing.probe(entries, ledger(app, group, snapshot_context), key, above)


def parse(answer: ProbeOutput) -> ManagedSetState:
    """Return what was found, or raise ``ProbeError``."""
    own = "\n".join(line for line in answer.lines if not line.startswith(CLAIM))
    seen, ledger, left = probing.parse(own)
    claims = (line[len(CLAIM) :].partition(":") for line in answer.lines if line.startswith(CLAIM))
    rivals = tuple((ledger, path) for ledger, _, path in claims)
    return ManagedSetState(seen, tuple(ledger), tuple(left), answer.key, rivals)


def diff(
    app: str,
    group: str,
    entries: Sequence[Entry],
    actual: ManagedSetState,
    snapshot_context: SnapshotContext = ROOT,
    made: Collection[Directory] = (),
    besides: Sequence[str] = (),
) -> list[Change[PathEntry]]:
    """Return the changes that make the group what is described, its ledger included.

    Raises ``PreconditionError`` where root keeps the group and a directory above one of its paths,
    or above those ``besides``, isn't root's alone.

    + made: directories that others make, as they make them
    """
    if snapshot_context.ledgers is None:
        described = {entry.path for entry in entries}
        gone = [path for path in actual.ledger if path in actual.seen and path not in described]
        gone += actual.left
        own = (ledger(app, group, snapshot_context),) if entries else ()
        places = (*own, *besides)
        ancestors.require_root_only(
            entries, gone, actual.seen, snapshot_context.trusted, made, places
        )
    changes: list[Change[PathEntry]] = [
        Change("remove", Target(group, path), (Why.STALE_STAGING(),), StaleStaging(path))
        for path in actual.left
    ]
    changes += files.leaving(group, actual.ledger, entries, actual.seen)
    changes += files.diff(group, entries, actual.seen, actual.key)
    path = ledger(app, group, snapshot_context)
    wanted = sorted(entry.path for entry in entries if not isinstance(entry, Absent))
    if list(actual.ledger) != wanted:
        lines = "".join(f"{line}\n" for line in (VERSION_LINE, *wanted)).encode()
        wanted_list = File(path, lines, "600", snapshot_context.owner, snapshot_context.group)
        joined, left = len(set(wanted) - set(actual.ledger)), len(set(actual.ledger) - set(wanted))
        reasons = (Why.LEDGER(joined, left),)
        action: Action = "change" if actual.ledger else "add"
        changes.append(Change(action, Target(group, path), reasons, wanted_list))
    return changes


def apply(
    app: str,
    group: str,
    changes: Sequence[Change[PathEntry]],
    before: str = "",
    check: str = "",
    after: str = "",
    snapshot_context: SnapshotContext = ROOT,
    besides: Sequence[str] = (),
) -> Commands:
    """Yield the one command that makes these changes; see ``delivery.install`` for the shell.

    Where a deploy has begun the host first keeps what is at their paths, and at those ``besides``
    that this shell changes.
    """
    entries = [change.payload for change in changes]
    path = ledger(app, group, snapshot_context)
    entries.sort(key=lambda entry: entry.path != path)
    if any(entry.path == path for entry in entries):
        folder = path.rpartition("/")[0]
        entries.insert(0, Directory(folder, "700", snapshot_context.owner, snapshot_context.group))
    remaining = [entry.path for entry in entries if not isinstance(entry, StaleStaging)]
    keep = snapshot_context.keep(app, [*remaining, *besides])
    script = install.install(entries, before, check, after, keep)
    yield StringCommand(script, _stdin=install.payload(entries, snapshot_context))
