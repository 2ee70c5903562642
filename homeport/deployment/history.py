"""The past of a host: the current release, the deploys before it, and one that is open.

A kind that is only looked at: there is nothing in it to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from shlex import quote
from typing import TYPE_CHECKING, Never

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
)
from homeport.hostctl import protocol
from homeport.hostctl.protocol import Now
from homeport.hostctl.system.records import DROPPED
from homeport.operations.hostctl.deploy_state import CLOCKS, clocks, record_of

if TYPE_CHECKING:
    from homeport.hostctl.shapes import HistoryRecord, Lock

NAME = "history"


@dataclass(frozen=True)
class HistoryQuery:
    """The place of the history, and how many deploys of it are wanted.

    + patience: seconds in which an open deploy may end before the host is looked at all the same
    """

    app: str
    current: str
    lines: int = 1
    patience: int = 0


@dataclass(frozen=True)
class Deploy:
    """One line of a host's history, in words."""

    when: str = ""
    who: str = ""
    what: str = ""
    commit: str = ""
    release: str = ""
    generation: str = ""
    outcome: str = ""
    reason: str = ""
    seconds: str = ""


@dataclass(frozen=True)
class DeployHistory:
    """The history; ``release`` is empty if none is current, ``locked`` if it isn't locked.

    + dropped: how many deploys the host had before these, where it says so
    """

    release: str = ""
    opened: bool = False
    locked: str = ""
    deploys: Sequence[Deploy] = field(default_factory=tuple)
    dropped: int = 0


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the link, whether a deploy is open, and the last lines."""
    return "".join(_script(wanted) for wanted in description.of(HistoryQuery)) or ":\n"


def _script(query: HistoryQuery) -> str:
    place, current = f"{protocol.STATE}/{query.app}", quote(query.current)
    remaining, lock = f"{place}/{protocol.HISTORY}", f"{protocol.STATE}/{protocol.LOCK}"
    # One line more: the last may be torn, and doesn't count then.
    return f"""\
waited=0
while [ -e {place}/{protocol.JOURNAL} ] && [ $waited -lt {query.patience} ]; do
  sleep 1
  waited=$((waited + 1))
done
if [ -L {current} ]; then printf 'current %s\\n' "$(readlink {current})"; fi
if [ -e {place}/{protocol.JOURNAL} ]; then echo open; fi
{CLOCKS}\
if [ -f {lock} ]; then printf 'lock '; cat {lock}; echo; fi
if [ -f {remaining} ]; then tail -n {query.lines + 1} {remaining} | sed 's/^/line /'; fi
"""


def read(answer: ProbeOutput) -> DeployHistory:
    """Return the host's history, without lines that aren't whole.

    Raises ``ValueError`` for a line that the probe doesn't write.
    """
    release, opened, locked, deploys, dropped = "", False, "", list[Deploy](), 0
    now = Now("", 0.0, 0)
    for line in answer.lines:
        if line.startswith("now\t"):
            now = clocks(line.partition("\t")[2])
            continue
        word, _, rest = line.partition(" ")
        if word == "current":
            release = rest.rpartition("/")[2]
        elif word == "open":
            opened = True
        elif word == "lock":
            locked = _lock(record_of(rest, protocol.LOCK), now)
        elif word == "line":
            if (fields := record_of(rest, protocol.HISTORY)) is None:
                continue
            if isinstance(count := fields.get(DROPPED), int):
                dropped = count
            else:
                deploys.append(deploy_of(fields))
        elif line:
            raise ValueError(word)
    return DeployHistory(release, opened, locked, tuple(deploys), dropped)


def _lock(found: Lock | None, now: Now) -> str:
    record: Lock = {} if found is None else found
    if not protocol.is_locked(record, now):
        return ""
    until = record.get("until")
    end = f" until {_moment(until)}" if until else ""
    return f"{record.get('who', 'unknown')}{end}: {record.get('reason', 'no reason is given')}"


def deploy_of(record: HistoryRecord) -> Deploy:
    """Return one line of the history in words; what it doesn't say is empty."""
    fields: Mapping[str, object] = record
    words = {key: str(fields[key]) for key in Deploy.__dataclass_fields__ if fields.get(key)}
    commit = f"{words.get('commit', '')[:12]}{', dirty' if record.get('dirty') else ''}"
    return Deploy(
        **{
            **words,
            "when": _moment(record.get("when")),
            "commit": commit.removeprefix(", "),
            "release": words.get("release", "").rpartition("/")[2],
            "seconds": _seconds(record.get("stages")),
            "reason": protocol.cause(record),
        }
    )


def _moment(when: object) -> str:
    if isinstance(when, int | float):
        return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(when or "")


def _seconds(stages: object) -> str:
    spent = (
        [n for n in stages.values() if isinstance(n, int | float)]
        if isinstance(stages, dict)
        else []
    )
    return f"{sum(spent):.1f}" if spent else ""


def diff(
    description: DesiredState, found: DeployHistory, pending: PendingTargets = NOTHING
) -> list[Change[Never]]:
    """Return nothing: what has been can't be changed."""
    return []


KIND = Kind(NAME, probe, read, diff)
