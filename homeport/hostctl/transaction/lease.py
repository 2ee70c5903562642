"""The lease: one deploy per host at a time, until it ends, its connection does, or time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .. import protocol
from ..system import atomic_files
from ..system.clock import Clock
from ..system.paths import AppPaths
from ..system.process_handle import ProcessHandle, stat
from .journal import Journal

if TYPE_CHECKING:
    from ..shapes import Lease as Shape


class Lease(NamedTuple):
    """The lease of one deploy. ``since`` is for people; ``moment`` is its holder's last call."""

    id: str
    app: str
    who: str
    what: str
    since: str
    holder: ProcessHandle | None
    moment: object
    ttl: float

    def __str__(self) -> str:
        return f"{self.what} of {self.app} by {self.who}, since {self.since}"

    def gone(self, clock: Clock, journal: Journal | None = None) -> str | None:
        """Return why it has ended, None if it is held.

        + journal: of the deploy that it is for; what was noted there was heard of as well
        """
        lines = [] if journal is None else journal.lines
        process = self.holder and stat(self.holder.pid)
        renewal = None if journal is None else journal.renewal
        return protocol.gone(self._record(), lines, process, clock.now(), renewal)

    def renewed(self, clock: Clock) -> Lease:
        """Return the lease as of now."""
        return self._replace(moment=clock.moment())

    def write(self, place: AppPaths) -> None:
        """Write it: from now on this one is the host's lease."""
        atomic_files.write_document(place.lease, self._record())

    def _record(self) -> Shape:
        whole: Any = {**self._asdict(), "holder": self.holder and self.holder._asdict()}
        record: Shape = whole
        return record


def read(place: AppPaths) -> Lease | None:
    """Return the host's lease, None if there is none.

    One that can't be read has no holder, and is of another boot.
    """
    record = atomic_files.document(place.lease)
    if record is None:
        return None
    words = {
        name: str(record.get(name, "unknown")) for name in ("id", "app", "who", "what", "since")
    }
    return Lease(
        **words,
        holder=ProcessHandle.of(record.get("holder")),
        moment=record.get("moment"),
        ttl=protocol.number(record.get("ttl")) or 0.0,
    )


def free(place: AppPaths, deploy_id: str) -> None:
    """Give up the lease of that deploy, if it is still its own."""
    found = read(place)
    if found is not None and found.id == deploy_id:
        atomic_files.remove(place.lease)
