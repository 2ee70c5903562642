"""The journal of the open deploy: what it is, and each step that it has come to, synced.

There is one exactly as long as a deploy is open. It names what is to be put back.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import protocol
from ..protocol import ACTIVATING, ARMED, BESIDE, WRITING
from ..system import atomic_files
from ..system.clock import Clock
from ..system.paths import AppPaths
from ..system.records import NO_RECORDS

if TYPE_CHECKING:
    from ..shapes import JournalLine, Renewal


class Journal:
    """The open deploy of one application.

    + first: what is known of it since it began: ``id``, ``who``, ``what``, ``ttl``, ``before``, ...
    + lines: all that was noted, the first line included
    + damage: what of it can't be read any more
    """

    def __init__(
        self,
        place: AppPaths,
        clock: Clock,
        lines: list[JournalLine],
        damage: Sequence[str] = (),
    ) -> None:
        self.place, self.clock, self.lines = place, clock, lines
        self.damage = tuple(f"{place.journal}: {each}" for each in damage)

    @classmethod
    def open(cls, place: AppPaths, clock: Clock, first: Mapping[str, Any]) -> Journal:
        """Begin a journal with this line and return it; clear the images of an earlier one.

        Raises ``FileExistsError`` if a journal is there.
        """
        if place.journal.exists():
            raise FileExistsError(place.journal)
        atomic_files.folder(place.own)
        # What a deploy left that ended and was cut off before it could clear up: of no use now,
        # and of harm if it were taken for ours.
        if place.snapshot.exists():
            shutil.rmtree(place.snapshot)
            atomic_files.sync_folder(place.own)
        line: Any = {**first, "state": ARMED, "moment": clock.moment()}
        place.renewal.unlink(missing_ok=True)
        beside = place.journal.with_name(place.journal.name + BESIDE)
        beside.unlink(missing_ok=True)
        atomic_files.append(beside, line)
        atomic_files.move(beside, place.journal)
        return cls(place, clock, [line])

    @classmethod
    def load(cls, place: AppPaths, clock: Clock) -> Journal | None:
        """Return the open deploy's journal, None if no deploy is open.

        One that can't be read has a first line that knows nothing: what was kept is still to be
        put back.
        """
        if not place.journal.exists():
            return None
        found = atomic_files.listing(place.journal)
        lines: Any = found.records or [{"state": ARMED}]
        return cls(place, clock, lines, found.damage if found.records else ("it is empty",))

    def note(self, state: str, **facts: Any) -> None:
        """Write down that this state is reached, or that more of it is done; then it is so."""
        line: Any = {**facts, "state": state, "moment": self.clock.moment()}
        atomic_files.append(self.place.journal, line, new=False)
        self.lines.append(line)

    def close(self) -> None:
        """End the deploy: its journal becomes the last one, and its images go."""
        atomic_files.move(self.place.journal, self.place.last_journal)
        self.place.renewal.unlink(missing_ok=True)
        shutil.rmtree(self.place.snapshot, ignore_errors=True)

    @property
    def first(self) -> JournalLine:
        """The first line."""
        return self.lines[0]

    @property
    def id(self) -> str:
        """The deploy's id."""
        return str(self.first.get("id", ""))

    @property
    def state(self) -> str:
        """The state reached last."""
        return str(self.lines[-1].get("state", ARMED))

    def reached(self, state: str) -> JournalLine | None:
        """Return the last line of that state, None if it wasn't reached."""
        return next((line for line in reversed(self.lines) if line.get("state") == state), None)

    def renew(self) -> None:
        """Write down that its controller is alive, without a wait for the process at work."""
        line: Renewal = {"id": self.id, "moment": self.clock.moment()}
        atomic_files.write_document(self.place.renewal, line)

    @property
    def renewal(self) -> Renewal | None:
        """Its last renewal, None without one."""
        found: Renewal | None = atomic_files.document(self.place.renewal)
        return found

    @property
    def seal(self) -> object:
        """The seal of the snapshot, as it was noted last: that of no record before any was kept.

        None if an older program wrote by the snapshot, which had no seal.
        """
        was_written = self.reached(WRITING) or self.reached(ACTIVATING)
        none = None if was_written else NO_RECORDS
        return next((line["index"] for line in reversed(self.lines) if "index" in line), none)

    def remaining(self) -> float:
        """Return the seconds that are left: its ttl counts anew from each line and renewal.

        There are none after a reboot.
        """
        return protocol.remaining(self.lines, self.clock.now(), self.renewal)

    def stages(self) -> dict[str, float]:
        """Return the seconds that each state took to be reached since the one before it.

        A state that was reached in another boot than the one before it has none.
        """
        found: dict[str, float] = {}
        for before, line in zip(self.lines, self.lines[1:], strict=False):
            earlier, now = before.get("moment", {}), line.get("moment", {})
            if earlier.get("boot") == now.get("boot"):
                state = str(line.get("state"))
                found[state] = round(found.get(state, 0.0) + now["mono"] - earlier["mono"], 3)
        return found
