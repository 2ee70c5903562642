"""The state of deploys on a host, its own and others': small files, read by the shell itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import TYPE_CHECKING, Any

from homeport.hostctl import protocol
from homeport.hostctl.protocol import Now, Stat
from homeport.hostctl.slots import pointer
from homeport.hostctl.system import records
from homeport.hostctl.transaction.history import last_id

if TYPE_CHECKING:
    from homeport.hostctl.shapes import Basis, HistoryRecord, JournalLine, Lease, Lock, Renewal

STATE = protocol.STATE
LONGEST = 2**16
"""Characters of a record."""

CLOCKS = """\
read -r boot </proc/sys/kernel/random/boot_id
read -r uptime _ </proc/uptime
printf 'now\\t%s %s %s\\n' "$boot" "$uptime" "$(date +%s)"
"""
"""The shell that tells a host's clocks."""


@dataclass(frozen=True)
class DeployState:
    """The deploys that a host has open, and the outcome of its last one.

    + now: the host's clocks
    + process: the one that has the number of the lease's holder now, None if there is none
    + journal: first and last line of the deploy of this application that is open, if one is
    + held: the same of the application that the lease is for, if that is another
    + renewal: the last renewal of the deploy that the lease is for
    + last: the last line of the history; ``confirmed`` the last one that says so
    + others: the id of the last line of each other application's history, by its name
    """

    now: Now
    lock: Lock | None = None
    lease: Lease | None = None
    process: Stat | None = None
    journal: tuple[JournalLine, ...] = ()
    held: tuple[JournalLine, ...] = ()
    renewal: Renewal | None = None
    last: HistoryRecord | None = None
    confirmed: HistoryRecord | None = None
    active: tuple[str, ...] = field(default=())
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def basis(self) -> Basis:
        """The state that a plan is based on which was made by this probe."""
        pairs = dict(line.split(" ", 1) for line in self.active if " " in line)
        last = None if self.last is None else self.last.get("id")
        return {
            "boot": self.now.boot,
            "last": last,
            "generation": pairs.get("generation"),
            "others": dict(self.others),
        }

    @property
    def is_locked(self) -> bool:
        """Whether the host is locked, and the lock's time isn't up."""
        return protocol.is_locked(self.lock, self.now)

    @property
    def is_held(self) -> bool:
        """Whether the lease has a holder that is alive and has time left."""
        if self.lease is None:
            return False
        journal = self.held or self.journal
        return not protocol.gone(self.lease, journal, self.process, self.now, self.renewal)

    @property
    def is_cut_off(self) -> bool:
        """Whether a deploy of this application is open, and no process is at work on it."""
        return bool(self.journal) and not self.is_held


def probe(app: str) -> str:
    """Return the shell that tells all of it; a file that isn't there prints nothing."""
    own = quote(f"{STATE}/{app}")
    remaining, ended = f"{own}/{protocol.HISTORY}", json.dumps(protocol.CONFIRMED)
    return f"""\
tell() {{
  if [ -f "$2" ]; then
    while IFS= read -r line || [ -n "$line" ]; do printf '%s\\t%s\\n' "$1" "$line"; done <"$2"
  fi
}}
{CLOCKS}\
tell lock {STATE}/{protocol.LOCK}
tell lease {STATE}/{protocol.LEASE}
tell active {own}/{protocol.ACTIVE}
lease=
if [ -f {STATE}/{protocol.LEASE} ]; then read -r lease <{STATE}/{protocol.LEASE} || :; fi
case $lease in *'"pid"'*)
  pid=${{lease#*'"pid"'}} pid=${{pid#*:}} pid=${{pid# }} pid=${{pid%%[!0-9]*}}
  tell holder "/proc/$pid/stat" ;;
esac
opened() {{
  if [ -f "$2" ]; then
    printf '%s\\n' "$(head -n 1 "$2"; tail -n 2 "$2")" | while IFS= read -r line; do
      printf '%s\\t%s\\n' "$1" "$line"
    done
    tell {protocol.RENEWAL} "${{2%/*}}/{protocol.RENEWAL}"
  fi
}}
opened journal {own}/{protocol.JOURNAL}
theirs=
case $lease in *'"app":'*)
  theirs=${{lease#*'"app":'}} theirs=${{theirs#*\\"}} theirs=${{theirs%%\\"*}} ;;
esac
case $theirs in
  '' | {quote(app)} | *[!a-z0-9-]*) ;;
  *) opened held {STATE}/"$theirs/{protocol.JOURNAL}" ;;
esac
if [ -f {remaining} ]; then
  ended=$(tail -n 2 {remaining})
  printf '%s\\n' "$ended" | sed 's/^/history\t/'
  case $ended in *'{ended}'*) ;; *)
    grep -F '{ended}' {remaining} | tail -n 1 | sed 's/^/history-before\t/' ;;
  esac
fi
for other in {STATE}/*/{protocol.HISTORY}; do
  theirs=${{other%/*}} theirs=${{theirs##*/}}
  case $theirs in {quote(app)} | [!a-z]* | *[!a-z0-9-]*) continue ;; esac
  printf '%s\n' "$(tail -n 2 "$other")" | sed "s/^/other\t$theirs\t/"
done
"""


def unmoved(app: str, found: DeployState) -> str:
    """Return the shell that fails if a deploy has begun or ended here since that was found."""
    last, lease = (str((record or {}).get("id") or "") for record in (found.last, found.lease))
    ids = """sed -n 's/.*"id": "\\([^"]*\\)".*}$/\\1/p'"""
    history, held = quote(f"{STATE}/{app}/{protocol.HISTORY}"), f"{STATE}/{protocol.LEASE}"
    return f"""\
if [ -f {history} ]; then last=$(tail -n 2 {history} | {ids} | tail -n 1); else last=; fi
if [ -f {held} ]; then held=$({ids} {held}); else held=; fi
if [ "$last $held" != {quote(f"{last} {lease}")} ]; then
  echo 'another deploy came, after this plan was made. Fix: run it again' >&2
  exit 1
fi"""


def parse(lines: list[str]) -> DeployState:
    """Return what was told; raises ``ValueError`` or ``LookupError`` if it isn't understood.

    A file of another version raises VersionError.
    """
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, text = line.partition("\t")
        fields.setdefault(name, []).append(text)
    ended = _records(fields, protocol.HISTORY)
    before = [line for line in _records(fields, "history-before") if _confirmed(line)]
    return DeployState(
        clocks(fields["now"][0]),
        lock=_first(fields, protocol.LOCK),
        lease=_first(fields, protocol.LEASE),
        process=_process(fields.get("holder", [])),
        # A journal that can't be read is a deploy that is open, all the same.
        journal=tuple(_records(fields, protocol.JOURNAL) or ([{}] if "journal" in fields else [])),
        held=tuple(_records(fields, "held")),
        renewal=next(reversed(_records(fields, protocol.RENEWAL)), None),
        last=ended[-1] if ended else None,
        confirmed=next((line for line in [*ended[::-1], *before] if _confirmed(line)), None),
        active=_pointer(fields.get(protocol.ACTIVE, [])),
        others=_others(fields.get("other", [])),
    )


def _others(lines: Sequence[str]) -> dict[str, str]:
    tails: dict[str, list[str]] = {}
    for line in lines:
        app, _, record = line.partition("\t")
        tails.setdefault(app, []).append(record)
    ids = {app: last_id(tail) for app, tail in tails.items()}
    return {app: last for app, last in ids.items() if last}


def _pointer(lines: list[str]) -> tuple[str, ...]:
    if not lines:
        return ()
    text = "".join(f"{line}\n" for line in lines)
    found = pointer.parse(text.encode(), f"the pointer to what runs ({protocol.ACTIVE})")
    return ("",) if found is None else tuple(f"{name} {value}" for name, value in found.items())


def clocks(text: str) -> Now:
    """Return what ``CLOCKS`` told, without its first word; raises ``ValueError``."""
    boot, uptime, wall = text.split()
    return Now(boot, float(uptime), int(wall))


def _confirmed(line: HistoryRecord) -> bool:
    return line.get("outcome") == protocol.CONFIRMED


def record_of(line: str, file: str) -> Any:
    """Return the record in a line of a file, None if it isn't whole.

    Raises VersionError, and ValueError for one that no host program writes.
    """
    if len(line) > LONGEST:
        raise ValueError(f"a line of the {file} has {len(line)} characters")
    found = records.decode(line, f"the {file} on this host")
    if found is not None:
        return found[0]
    try:
        json.loads(line)
    except RecursionError:
        raise ValueError(f"a line of the {file} is nested too deep") from None
    except ValueError:
        return None
    return None


def _records(fields: Mapping[str, list[str]], name: str) -> list[Any]:
    found = (record_of(line, name.partition("-")[0]) for line in fields.get(name, []))
    return [record for record in found if record is not None]


def _first(fields: Mapping[str, list[str]], name: str) -> Any:
    return next(iter(_records(fields, name)), {}) if name in fields else None


def _process(lines: list[str]) -> Stat | None:
    # A name may hold the end of a line, too.
    return protocol.stat("\n".join(lines)) if lines else None
