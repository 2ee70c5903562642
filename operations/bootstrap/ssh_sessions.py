"""Sessions over SSH: one that a key opened which may log in no more is ended, with its processes.

sshd reads keys when a session begins, and never again: a shared connection may last for days. Which
key opened one is in the journal, by the process that has it; no other than root writes there under
the number of that process. What a session has left behind, such as a tmux, has the session's own
address and port in its environment, which the journal has as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
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
    r"Accepted publickey for (?P<user>\S+) from (?P<origin>\S+) port (?P<port>\d+) ssh2:"
    r" (?P<type>\S+) (?P<key>SHA256:\S+)"
)
WORDS = {"process", "left", "own", "accepted", "opened"}
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
    """A process of sshd that has a session, or one that a session has left behind.

    + start: clock ticks since boot
    """

    pid: int
    start: int
    user: str
    origin: str
    key: str


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints each process of sshd and of its sessions, and what was accepted.

    Those of our own login are printed as such.
    """
    if not description.of(KeyLogins):
        return ":\n"
    return """\
matches=
stat() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f "$2"; }
for folder in /proc/[0-9]*; do
  comm=
  { read -r comm <"$folder/comm"; } 2>/dev/null || continue
  case "$comm" in sshd|sshd-session) ;; *) continue ;; esac
  rest=$(stat "${folder#/proc/}" 20)
  [ -n "$rest" ] || continue
  printf 'process\\t%s\\t%s\\n' "${folder#/proc/}" "$rest"
  matches="$matches _PID=${folder#/proc/}"
done
ports=
from='^SSH_CONNECTION=[0-9a-zA-Z.:%]* [0-9]* '
left=$(grep -a -z -o -H "$from" /proc/[0-9]*/environ 2>/dev/null \\
  | tr '\\0' '\\n' | sed -n 's|^/proc/\\([0-9]*\\)/environ:SSH_CONNECTION=|\\1 |p') || :
while read -r pid origin port; do
  rest=$(stat "${pid:-0}" 2,20)
  [ -n "$rest" ] || continue
  printf 'left\\t%s\\t%s %s %s\\n' "$pid" "$rest" "$origin" "$port"
  ports="$ports|$port"
done <<END
$left
END
pid=$$
while [ "$pid" -gt 1 ]; do
  printf 'own\\t%s\\n' "$pid"
  pid=$(stat "$pid" 2)
done
entries() {
  word=$1
  shift
  # It exits with 1 where nothing matches.
  lines=$(journalctl -q -b --no-pager -o json --output-fields=_PID,MESSAGE "$@" </dev/null) \\
    || [ $? = 1 ]
  if [ -n "$lines" ]; then printf '%s\\n' "$lines" | sed "s/^/$word\\t/"; fi
}
if [ -n "$matches" ]; then entries accepted -g '^Accepted ' _UID=0 $matches; fi
if [ -n "$ports" ]; then
  entries opened -g "^Accepted .* port (${ports#|}) ssh2" \\
    _UID=0 _COMM=sshd + _UID=0 _COMM=sshd-session
fi
"""


def parse(answer: ProbeOutput) -> tuple[Session, ...]:
    """Return the sessions of other logins than ours, or raise ``ProbeError``."""
    rows = [line.split("\t", 2) for line in answer.lines]
    try:
        starts = {int(row[1]): int(row[2]) for row in rows if row[0] == "process"}
        left = [_left(int(row[1]), *row[2].split(" ")) for row in rows if row[0] == "left"]
        own = {int(row[1]) for row in rows if row[0] == "own"}
        if strange := {row[0] for row in rows} - WORDS:
            raise ProbeError(f"the answer about sessions has {min(strange)!r}")
        accepted, opened = (
            [json.loads("\t".join(row[1:])) for row in rows if row[0] == word]
            for word in ("accepted", "opened")
        )
        # What a session that lives has started ends with it.
        behind = _left_behind(left, own, starts.keys(), opened)
        return (*_sessions(starts, own, accepted), *behind)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ProbeError(f"the answer about sessions can't be read: {error}") from None


class _Left(NamedTuple):
    """A process with the address and the port of a session in its environment."""

    pid: int
    parent: int
    start: int
    origin: str
    port: str


def _left(pid: int, parent: str, start: str, origin: str, port: str) -> _Left:
    return _Left(pid, int(parent), int(start), origin, port)


def _sessions(
    starts: dict[int, int], own: set[int], entries: Sequence[dict[str, object]]
) -> Iterator[Session]:
    # A number may have been another process's before: the newest entry is the one that lives.
    newest = {int(str(entry["_PID"])): str(entry["MESSAGE"]) for entry in entries}
    for pid, message in sorted(newest.items()):
        found = ACCEPTED.match(message)
        if found and pid in starts and pid not in own and CERTIFICATE not in found["type"]:
            yield Session(pid, starts[pid], found["user"], found["origin"], found["key"])


def _left_behind(
    left: Sequence[_Left],
    own: set[int],
    daemons: Set[int],
    entries: Sequence[dict[str, object]],
) -> Iterator[Session]:
    accepted = (ACCEPTED.match(str(entry["MESSAGE"])) for entry in entries)
    # A port may have been another session's before: the newest entry is the one that lives.
    newest = {(found["origin"], found["port"]): found for found in accepted if found}
    ending = daemons | {each.pid for each in left}
    for each in left:
        found = newest.get((each.origin, each.port))
        is_first = each.pid not in own and each.parent not in ending
        if found and is_first and CERTIFICATE not in found["type"]:
            yield Session(each.pid, each.start, found["user"], each.origin, found["key"])


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
