"""The protocol of host program and controller: paths, states, exit codes, and pure predicates.

Pure, and of the standard library alone: it is given what was parsed, and what the clocks said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from typing import Literal

    from .shapes import HistoryRecord, JournalLine, Lease, Lock, Renewal


VERSION = 1
"""The version of every file that the program keeps, but for these two. An older one has a reader of
its own; a newer one is refused, never guessed."""
VERSION_LINE = f"version {VERSION}"
"""How a file says so that isn't JSON: in its first line."""
RECORD_VERSION = 2
"""The version of lists and documents: since 2 a record has a digest, and in a list its number."""
POINTER_VERSION = 2
"""The version of the pointer to what serves: since 2 its last line is a digest of the others."""

# Where it lies, and what it works on.
PROGRAM = "/usr/local/sbin/homeportctl"
"""The program on a host: it keeps what a deploy is about to change, and puts it back."""
READER = "/usr/local/sbin/homeport-read"
"""The program that answers readers: their shell, and all that sudo lets them run."""
LIBRARY = "/usr/local/lib/homeportctl"
"""The link to its modules; each version of them has a folder of its own."""
NGINX_DROP_IN = "/etc/systemd/system/nginx.service.d/homeport.conf"
"""The sandbox of nginx: applications of a host share it, and it leaves with the last site."""
NGINX_UNHARDENED = "/var/lib/homeport/_host/nginx-unhardened"
"""The file that says why nginx has no sandbox, once that was tried."""
BOOT_UNIT = "homeportctl-boot.service"
UNITS = "/etc/systemd/system"
CONFIG = "/etc/homeport"
HOME = "/srv"
CACHE = "/var/cache/homeport"
RECORDS = "/run/homeport"
"""What processes recorded at their start."""
SOCKETS = "/run/homeport-sockets"
"""Links to the sockets on which processes serve."""
PROXY_SOCKETS = "/run/homeport-proxy"
"""Names of those sockets that only root writes, for the proxy and for checks by root."""
ACTIVE_SLOT, BACKUP_SLOT, LONE_SLOT = "active", "backup", "lone"
"""In a process's folder there: the links to what serves and to what stands by for it, and the
place of one that runs in no slot. The folders of slots are beside them."""
SOCKET_NAME = "socket"
TOKEN_DIGITS = 16
"""So many digits of a start's id (``InvocationID``) are the other name of its socket."""
TOKEN_HEADER, PLACE_HEADER = "X-Homeport-Token", "X-Homeport-Place"
PROXY_HEADER, ANSWERED_HEADER = "X-Homeport-Proxy", "X-Homeport-Answered"
SERVED_PATH = "/.homeport/served"
"""The path at which the proxy asks the start that a request names, and no other."""
STATE = "/var/lib/homeport"
"""What homeport keeps of a host; each application has a folder of its name in it."""

# Files of the host, and those of each application.
LEASE, LOCK, HMAC_KEY, MUTEX = "lease", "lock", "hmac-key", "mutex"
RESERVED = (LEASE, LOCK, HMAC_KEY, MUTEX)
"""Names that no application may have."""
ACTIVE, HISTORY, JOURNAL, LAST_JOURNAL = "active", "history", "journal", "journal.last"
SNAPSHOT, GENERATIONS, BAD, PINS = "snapshot", "generations", "bad", "pins"
RENEWAL = "renewed"
APP_SPEC, SECRETS = "processes.json", "secrets"

STAGE = ".homeport-stage"
"""The folder in which a group of files waits, beside their places, until all may be renamed."""
BESIDE = ".homeport-new"
"""How the name of a file ends that isn't in its place yet: no daemon takes it for its own."""

SLOTS = SLOT_A, SLOT_B = ("a", "b")
"""The two slots in which processes run by turns: one serves, the other waits for a release."""
NO_SLOT = "-"
SLOT_VARIABLE = "HOMEPORT_SLOT"
"""The variable that names the slot whose process is asked whether it is well."""

FROM_INPUT = "-"
"""In place of a reason: it is read from standard input."""

TTL = 900
"""Seconds after which a host reverts a deploy that its controller has not been heard of in."""
RENEW_EVERY = TTL / 4
"""Seconds between the renewals of a controller that is alive: two may get lost, and no more."""

# What a deploy is, and the states that it comes to.
DEPLOY, ROLLBACK, ROTATION = "deploy", "rollback", "rotation"
ARMED, WRITING, ACTIVATING, STARTED, READY = "armed", "writing", "activating", "started", "ready"
RESTARTED, SWITCHED, SOAKED = "restarted", "switched", "soaked"
CONFIRMED: Final = "confirmed"
REVERTING: Final = "reverting"
REVERTED: Final = "reverted"
INCOMPLETE: Final = "incomplete"
"""The outcome of what could not be put back as it was: its record names what isn't."""
Outcome: TypeAlias = "Literal['open', 'confirmed', 'reverted']"
"""The outcome of a deploy, as far as its host has answered."""
UNHELD = "--unheld"
"""The option of a rollback: its connection ends with the command, and before it is confirmed."""
IF_GONE = "--if-gone"
"""The option of a revert: of a deploy whose holder is gone, and of no other."""
UNCHANGED = "unchanged"
"""The outcome of a confirmed deploy that had nothing to change."""


def idle_slot(slot: str | None) -> str:
    """Return the slot that is idle while this one serves."""
    return SLOT_B if slot == SLOT_A else SLOT_A


class VersionError(ValueError):
    """A file is of a version that isn't ours; the text says which file, and which version."""


def require_version(found: object, file: object, newest: int = VERSION) -> int:
    """Return the version that a file says, as a number of JSON or as a line of text.

    Raises VersionError unless it is one from 1 to ``newest``.
    """
    for version in range(1, newest + 1):
        if found in (version, f"version {version}") and found is not True:
            return version
    says = found
    if isinstance(found, str):
        says = found.removeprefix("version ") if found.startswith("version ") else None
    named = "names no version" if says is None else f"is of version {says}"
    known = f"{newest} alone" if newest == 1 else f"1 to {newest}"
    raise VersionError(
        f"{file} {named}, and this homeport knows {known}. Fix: use the homeport that wrote it"
    )


class Now(NamedTuple):
    """A host's clocks at one moment.

    + boot: the id of this boot
    + uptime: seconds since boot, those asleep included
    + wall: seconds since 1970, as far as the host knows
    """

    boot: str
    uptime: float
    wall: float


class Stat(NamedTuple):
    """A process as ``/proc/PID/stat`` has it; ``start`` is in clock ticks since boot."""

    name: str
    state: str
    parent: int
    start: int


def stat(text: str) -> Stat:
    """Return what ``/proc/PID/stat`` says; raises ``ValueError`` or ``IndexError``."""
    # A name may hold spaces and parentheses of its own.
    name, _, rest = text.partition("(")[2].rpartition(")")
    words = rest.split()
    return Stat(name, words[0], int(words[1]), int(words[19]))


def since(moment: object, now: Now) -> float | None:
    """Return the seconds since a moment; None if it is of another boot, or no moment at all."""
    if not isinstance(moment, dict) or moment.get("boot") != now.boot:
        return None
    mono = number(moment.get("mono"))
    return None if mono is None else now.uptime - mono


def is_locked(lock: Lock | None, now: Now) -> bool:
    """Return whether a host with this lock is locked. One that can't be read is one.

    The wall clock counts only if the host has rebooted since: it may jump.
    """
    if lock is None:
        return False
    until, lasts = number(lock.get("until")), number(lock.get("for"))
    if until is None:
        return True
    passed = since(lock.get("moment"), now)
    return now.wall < until if passed is None or lasts is None else passed < lasts


def remaining(journal: Sequence[JournalLine], now: Now, renewal: Renewal | None = None) -> float:
    """Return the seconds that a deploy has left: its ttl counts anew from each line and renewal.

    There are none after a reboot, nor without a journal. The renewal of another deploy is none.
    """
    if not journal:
        return 0.0
    passed, ttl = since(journal[-1].get("moment"), now), number(journal[0].get("ttl"))
    if passed is None or ttl is None:
        return 0.0
    if renewal is not None and renewal.get("id") == journal[0].get("id"):
        again = since(renewal.get("moment"), now)
        passed = passed if again is None else min(passed, again)
    return max(0.0, ttl - passed)


def is_alive(process: Stat | None, start: int) -> bool:
    """Return whether this is the process that started then, and has not ended.

    One that has ended, and that its parent has not waited for yet, is a zombie.
    """
    return process is not None and process.start == start and process.state not in "ZX"


def holder(record: object) -> tuple[int, int] | None:
    """Return a process's number and its start, None if a record tells of none."""
    if not isinstance(record, dict):
        return None
    pid, start = record.get("pid"), record.get("start")
    return (pid, start) if isinstance(pid, int) and isinstance(start, int) else None


def gone(
    lease: Lease,
    journal: Sequence[JournalLine],
    process: Stat | None,
    now: Now,
    renewal: Renewal | None = None,
) -> str | None:
    """Return why a lease has ended, None if it is held.

    + journal: lines of the open deploy of the lease's application, the first and the last at
      least; it counts if that deploy is the lease's
    + process: the one that has the number of the lease's holder now, if there is one
    + renewal: the last renewal of the open deploy of the lease's application
    """
    passed = since(lease.get("moment"), now)
    if passed is None:
        return "the host was started anew"
    held = holder(lease.get("holder"))
    if held is not None and not is_alive(process, held[1]):
        return "its connection is gone"
    ours = bool(journal) and str(journal[0].get("id", "")) == str(lease.get("id", "unknown"))
    left = remaining(journal, now, renewal) if ours else 0.0
    return "its time is up" if passed >= (number(lease.get("ttl")) or 0.0) and not left else None


def cause(record: HistoryRecord) -> str:
    """Return why a deploy ended as it did, and why people were not served afterwards."""
    reason, unserved = str(record.get("reason") or ""), record.get("unserved")
    return f"{reason}; then not served: {unserved}" if unserved else reason


def number(value: object) -> float | None:
    """Return a number of a record, None if it is none."""
    return float(value) if isinstance(value, int | float) else None
