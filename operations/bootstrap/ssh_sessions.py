"""Sessions over SSH: one that a key opened which may log in no more is ended, with its processes.

sshd reads keys when a session begins, and never again: a shared connection may last for days. Which
key opened one is in the journal, by the process that has it; no other than root writes there under
the number of that process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeError,
    ProbeOutput,
    Reason,
    Target,
    payloads,
)
from homeport.engine.phase import operation_for

NAME = "ssh-sessions"
ACCEPTED = re.compile(
    r"Accepted publickey for (?P<user>\S+) from (?P<origin>\S+) port \d+ ssh2:"
    r" (?P<type>\S+) (?P<key>SHA256:\S+)"
)
WORDS = {"process", "own", "accepted"}
CERTIFICATE = "-CERT"
"""How the type of a key ends that an authority vouches for: revoking it is up to that."""


@dataclass(frozen=True)
class KeyLogins:
    """An account, and the fingerprints of all keys that may log in to it."""

    user: str
    keys: tuple[str, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The name in plans and reports."""
        return self.user


class Session(NamedTuple):
    """A process of sshd that has a session; ``start`` is in clock ticks since boot."""

    pid: int
    start: int
    user: str
    origin: str
    key: str


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints each process of sshd, what it accepted, and which is ours."""
    if not description.of(KeyLogins):
        return ":\n"
    return """\
matches=
for folder in /proc/[0-9]*; do
  comm=
  { read -r comm <"$folder/comm"; } 2>/dev/null || continue
  case "$comm" in sshd|sshd-session) ;; *) continue ;; esac
  rest=$(sed 's/.*) //' "$folder/stat" 2>/dev/null | cut -d ' ' -f 20) || continue
  printf 'process\\t%s\\t%s\\n' "${folder#/proc/}" "$rest"
  matches="$matches _PID=${folder#/proc/}"
done
pid=$$
while [ "$pid" -gt 1 ]; do
  printf 'own\\t%s\\n' "$pid"
  pid=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 2)
done
if [ -n "$matches" ]; then
  # It exits with 1 where nothing matches.
  told=$(journalctl -q -b --no-pager -o json --output-fields=_PID,MESSAGE -g '^Accepted ' \\
    _UID=0 $matches </dev/null) || [ $? = 1 ]
  if [ -n "$told" ]; then printf '%s\\n' "$told" | sed 's/^/accepted\\t/'; fi
fi
"""


def parse(answer: ProbeOutput) -> tuple[Session, ...]:
    """Return the sessions of other logins than ours, or raise ``ProbeError``."""
    rows = [line.split("\t", 2) for line in answer.text.splitlines()]
    try:
        starts = {int(row[1]): int(row[2]) for row in rows if row[0] == "process"}
        own = {int(row[1]) for row in rows if row[0] == "own"}
        if strange := {row[0] for row in rows} - WORDS:
            raise ProbeError(f"the answer about sessions has {min(strange)!r}")
        entries = [json.loads("\t".join(row[1:])) for row in rows if row[0] == "accepted"]
        return tuple(_sessions(starts, own, entries))
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ProbeError(f"the answer about sessions can't be read: {error}") from None


def _sessions(
    starts: dict[int, int], own: set[int], entries: Sequence[dict[str, object]]
) -> Iterator[Session]:
    # A number may have been another process's before: the newest entry is the one that lives.
    newest = {int(str(entry["_PID"])): str(entry["MESSAGE"]) for entry in entries}
    for pid, message in sorted(newest.items()):
        found = ACCEPTED.match(message)
        if found and pid in starts and pid not in own and CERTIFICATE not in found["type"]:
            yield Session(pid, starts[pid], found["user"], found["origin"], found["key"])


class Why(Reason):
    """The reasons why a session is to be ended."""

    KEY = "the key that opened it may log in no more: {}"


def diff(
    description: DesiredState, actual: Sequence[Session], pending: PendingTargets = NOTHING
) -> list[Change[Session]]:
    """Return an end for each session of a described account that no key of it opened."""
    keys = {logins.user: logins.keys for logins in description.of(KeyLogins)}
    return [
        Change(
            "remove",
            Target(NAME, f"{each.user} from {each.origin}, process {each.pid}"),
            (Why.KEY(each.key),),
            each,
        )
        for each in actual
        if each.user in keys and each.key not in keys[each.user]
    ]


def apply(
    description: DesiredState, actual: Sequence[Session], changes: Sequence[Change[Session]]
) -> Commands:
    """Yield the command that ends these sessions, and fails if one is still there."""
    ends = "\n".join(f"end {each.pid} {each.start}" for each in payloads(changes, Session))
    yield StringCommand(f"""\
set -eu
is_there() {{
  [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20)" = "$2" ]
}}
tree() (
  # What a process has started goes with it, also what goes on without a terminal.
  for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$child"; done
  kill -KILL "$1" 2>/dev/null || :
)
end() {{
  is_there "$1" "$2" || return 0
  unit=$(sed -n 's|.*/\\(session-[^/]*\\.scope\\)$|\\1|p' "/proc/$1/cgroup")
  kill -STOP "$1"
  tree "$1"
  if [ -n "$unit" ]; then systemctl kill --signal=KILL -- "$unit" 2>/dev/null || :; fi
  tries=50
  while is_there "$1" "$2"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || {{ echo "the session of process $1 can't be ended" >&2; exit 1; }}
    sleep 0.1
  done
}}
{ends}""")


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""End the sessions of keys that may log in no more."""
