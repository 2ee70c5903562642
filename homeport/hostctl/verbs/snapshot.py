"""A snapshot of paths as they are, before a deploy changes them."""

from __future__ import annotations

from ..protocol import ARMED, WRITING
from ..snapshots import snapshot
from ..system.exit_codes import DONE, PreconditionFailed
from ..system.mutex import exclusive
from ..system.process_handle import parent
from ..transaction import lease
from .context import Context


def take(host: Context, args: list[str]) -> int:
    """Keep paths as they are, before they are changed: the verb ``snapshot APP ID PATH...``.

    The caller is noted as their writer. Returns DONE. Raises PreconditionFailed, SnapshotError.
    """
    place = host.place(args[0])
    with exclusive(place):
        journal = host.journal(place)
        if journal is None or journal.id != args[1]:
            raise PreconditionFailed(
                f"deploy {args[1]} of {place.app} isn't open: nothing may be written"
            )
        if journal.state not in (ARMED, WRITING):
            raise PreconditionFailed(
                f"deploy {args[1]} of {place.app} is {journal.state}: it is too late"
            )
        writer = parent()
        paths = args[2:]
        snapshot.keep(place.snapshot, paths, host.commands, host.root, known_seal=journal.seal)
        # The caller writes when this has returned: until then there is nothing to put back.
        facts = {"writer": writer and writer._asdict(), "paths": len(paths)}
        journal.note(WRITING, **facts, index=snapshot.seal(place.snapshot)._asdict())
        if (held := lease.read(place)) is not None and held.id == journal.id:
            held.renewed(host.clock).write(place)
    return DONE
