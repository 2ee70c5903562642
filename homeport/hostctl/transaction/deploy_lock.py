"""The lock that an operator sets: no deploys, for a reason, until an hour or for good."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, NamedTuple

from .. import protocol
from ..system import atomic_files
from ..system.clock import Clock
from ..system.exit_codes import Usage
from ..system.paths import AppPaths

if TYPE_CHECKING:
    from ..shapes import Lock

UNITS = {"d": 86400, "h": 3600, "m": 60}


class DeployLock(NamedTuple):
    """The lock's user and reason. ``until`` is seconds since 1970, None until it is unlocked."""

    who: str
    reason: str
    since: str
    until: float | None
    seconds: float | None = None
    moment: object = None

    def __str__(self) -> str:
        end = "until it is unlocked"
        if self.until is not None:
            end = time.strftime("until %Y-%m-%d %H:%M UTC", time.gmtime(self.until))
        return f"locked by {self.who} since {self.since}, {end}: {self.reason}"


def read(place: AppPaths, clock: Clock) -> DeployLock | None:
    """Return the lock that is set now. One that can't be read is one."""
    record: Lock | None = atomic_files.document(place.lock)
    if record is None or not protocol.is_locked(record, clock.now()):
        return None
    who, reason, since = (str(record.get(name, "unknown")) for name in ("who", "reason", "since"))
    until, seconds = protocol.number(record.get("until")), protocol.number(record.get("for"))
    return DeployLock(who, reason, since, until, seconds, record.get("moment"))


def set_(place: AppPaths, clock: Clock, who: str, reason: str, seconds: float | None) -> DeployLock:
    """Lock the host for so many seconds, or for good if None; return the lock.

    A lock that was set before is replaced.
    """
    until = None if seconds is None else round(clock.wall() + seconds)
    made = DeployLock(who, reason, clock.iso(), until, seconds, clock.moment())
    record = {**made._asdict(), "for": seconds}
    del record["seconds"]
    atomic_files.folder(place.state, 0o755)
    atomic_files.write_document(place.lock, record)
    return made


def lasting(text: str) -> float:
    """Return the seconds of a time such as ``2d``, ``3h`` or ``30m``. Raises Usage."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([dhm])", text)
    if found is None:
        raise Usage(f"--for {text!r} is no time such as 2d, 3h or 30m")
    return int(found[1]) * UNITS[found[2]]
