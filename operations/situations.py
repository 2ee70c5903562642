"""What a host says of deploys, its own and others': small files, read by the shell itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

STATE = "/var/lib/homeport"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Situation:
    """What is going on at a host, and what came of its last deploy.

    + boot, uptime, wall: the host's clocks
    + holder: the start of the process that holds the lease, None if there is no such process
    + journal: first and last line of the deploy that is open, if one is
    + last: the last line of the history; ``confirmed`` the last one that says so
    """

    boot: str
    uptime: float
    wall: int
    lock: Record | None = None
    lease: Record | None = None
    holder: int | None = None
    journal: tuple[Record, ...] = ()
    last: Record | None = None
    confirmed: Record | None = None
    active: tuple[str, ...] = field(default=())

    @property
    def is_locked(self) -> bool:
        """Whether somebody locked the host, by a clock that doesn't jump if that can be told."""
        if self.lock is None or self.lock.get("until") is None:
            return self.lock is not None
        moment, lasts = self.lock.get("moment"), self.lock.get("for")
        if isinstance(moment, dict) and moment.get("boot") == self.boot and lasts is not None:
            return self.uptime - float(moment["mono"]) < float(lasts)
        return self.wall < float(self.lock["until"])

    @property
    def is_held(self) -> bool:
        """Whether somebody who is still there, and has time left, holds the lease."""
        if self.lease is None:
            return False
        moments = [self.lease.get("moment"), *(line.get("moment") for line in self.journal[-1:])]
        left = [self._left(moment) for moment in moments]
        holder = self.lease.get("holder")
        is_there = not holder or self.holder == holder.get("start")
        return is_there and max(left) > 0

    @property
    def is_cut_off(self) -> bool:
        """Whether a deploy of this application is open, and nobody is at work on it."""
        return bool(self.journal) and not self.is_held

    def _left(self, moment: Any) -> float:
        if not isinstance(moment, dict) or moment.get("boot") != self.boot:
            return 0.0
        ttl = float((self.lease or {}).get("ttl", 0))
        return float(moment["mono"]) + ttl - self.uptime


def probe(app: str) -> str:
    """Return the shell that tells all of it; a file that isn't there prints nothing."""
    own = quote(f"{STATE}/{app}")
    return f"""\
tell() {{
  if [ -f "$2" ]; then
    while IFS= read -r line || [ -n "$line" ]; do printf '%s\\t%s\\n' "$1" "$line"; done <"$2"
  fi
}}
read -r boot </proc/sys/kernel/random/boot_id
read -r uptime _ </proc/uptime
printf 'now\\t%s %s %s\\n' "$boot" "$uptime" "$(date +%s)"
tell lock {STATE}/lock
tell lease {STATE}/lease
tell active {own}/active
lease=
if [ -f {STATE}/lease ]; then read -r lease <{STATE}/lease || :; fi
case $lease in *'"pid"'*)
  pid=${{lease#*'"pid"'}} pid=${{pid#*:}} pid=${{pid# }} pid=${{pid%%[!0-9]*}}
  tell holder "/proc/$pid/stat" ;;
esac
if [ -f {own}/deploy ]; then
  printf '%s\\n' "$(head -n 1 {own}/deploy; tail -n 2 {own}/deploy)" | sed 's/^/journal\t/'
fi
if [ -f {own}/history ]; then
  ended=$(tail -n 2 {own}/history)
  printf '%s\\n' "$ended" | sed 's/^/history\t/'
  case $ended in *'"confirmed"'*) ;; *)
    grep -F '"confirmed"' {own}/history | tail -n 1 | sed 's/^/history-before\t/' ;;
  esac
fi
"""


def read(lines: list[str]) -> Situation:
    """Return what was told; raises ``ValueError`` or ``LookupError`` if it isn't understood."""
    told: dict[str, list[str]] = {}
    for line in lines:
        name, _, text = line.partition("\t")
        told.setdefault(name, []).append(text)
    boot, uptime, wall = told["now"][0].split()
    ended = _records(told.get("history", []))
    before = [line for line in _records(told.get("history-before", [])) if _confirmed(line)]
    return Situation(
        boot,
        float(uptime),
        int(wall),
        lock=_first(told.get("lock", [])),
        lease=_first(told.get("lease", [])),
        holder=_start(told.get("holder", [])),
        # A journal that can't be read is a deploy that is open, all the same.
        journal=tuple(_records(told.get("journal", [])) or ([{}] if "journal" in told else [])),
        last=ended[-1] if ended else None,
        confirmed=next((line for line in [*ended[::-1], *before] if _confirmed(line)), None),
        active=tuple(told.get("active", [])),
    )


def _confirmed(line: Record) -> bool:
    return line.get("outcome") == "confirmed"


def _records(lines: list[str]) -> list[Record]:
    # The last line of a list may be torn: then it is none.
    found: list[Record] = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        found += [record] if isinstance(record, dict) else []
    return found


def _first(lines: list[str]) -> Record | None:
    if not lines:
        return None
    return next(iter(_records(lines)), {})


def _start(lines: list[str]) -> int | None:
    # The name of a process, in brackets, may hold anything.
    words = lines[0].rpartition(")")[2].split() if lines else []
    return int(words[19]) if len(words) > 19 else None
