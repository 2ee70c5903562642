"""Readers: accounts that may ask a host for status, logs and history, and nothing else.

Their shell is a program of root's, and sudo lets them run that program alone. All are in a group of
ours, which tells them from the accounts of others: one that leaves the description is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import NamedTuple

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeError,
    ProbeOutput,
    Reason,
    Target,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.hostctl.protocol import READER

NAME = "readers"
GROUP = "homeport-readers"


@dataclass(frozen=True)
class Reader:
    """An account that may ask; its files are root's, its keys among them."""

    name: str

    @property
    def home(self) -> str:
        """The directory of its keys."""
        return f"/home/{self.name}"


class Account(NamedTuple):
    """An account of a host; ``ours`` says that its own group is that of readers."""

    name: str
    ours: bool
    uid: str
    home: str
    shell: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class LeavingReader:
    """A reader that is described no longer."""

    name: str
    uid: str = field(repr=False)


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints each account that is a reader, or has the name of one."""
    names = " ".join(quote(reader.name) for reader in description.of(Reader))
    return f"""\
group=$(getent group {GROUP}) || [ $? = 2 ]
group=${{group#*:*:}}
group=${{group%%:*}}
accounts=$(getent passwd)
while IFS=: read -r name _ uid gid _ home shell; do
  ours=no
  if [ "$gid" = "$group" ]; then ours=yes; fi
  case " {names} " in *" $name "*) ;; *) [ $ours = yes ] || continue ;; esac
  groups=$(id -Gn -- "$name")
  printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$name" $ours "$uid" "$home" "$shell" "$groups"
done <<ACCOUNTS
$accounts
ACCOUNTS
"""


def parse(answer: ProbeOutput) -> dict[str, Account]:
    """Return the accounts, by their names, or raise ``ProbeError``."""
    found = {}
    for row in (line.split("\t") for line in answer.lines):
        if len(row) != 6 or not row[2].isdigit():
            raise ProbeError(f"the answer about readers has {row[0][:60]!r}")
        name, ours, uid, home, shell, groups = row
        found[name] = Account(name, ours == "yes", uid, home, shell, tuple(groups.split()))
    return found


class Why(Reason):
    """The reasons why a reader is to be added, or to leave."""

    MISSING = "new account; its shell is {}"
    LEAVING = "no longer described; its sessions end"


def diff(
    description: DesiredState, actual: dict[str, Account], pending: PendingTargets = NOTHING
) -> list[Change[Reader | LeavingReader]]:
    """Return one change for each reader that is missing, and for each that leaves.

    Raises ``PreconditionError`` for an account of that name which may do more.
    """
    described = {reader.name: reader for reader in description.of(Reader)}
    changes: list[Change[Reader | LeavingReader]] = []
    for name, reader in described.items():
        if name in actual:
            _refuse(reader, actual[name])
        else:
            changes.append(Change("add", Target(NAME, name), (Why.MISSING(READER),), reader))
    for name, account in actual.items():
        if account.ours and name not in described:
            leaving = LeavingReader(name, account.uid)
            changes.append(Change("remove", Target(NAME, name), (Why.LEAVING(),), leaving))
    return changes


def _refuse(reader: Reader, account: Account) -> None:
    if not account.ours:
        raise PreconditionError(
            f"{reader.name} is an account of this host already, and no reader; "
            "name another one in readers"
        )
    more = [group for group in account.groups if group != GROUP]
    if more or account.uid == "0" or (account.home, account.shell) != (reader.home, READER):
        raise PreconditionError(
            f"{reader.name} was a reader and may do more (id {account.uid}, home {account.home}, "
            f"shell {account.shell}, groups {', '.join(account.groups)}); remove that account"
        )


def apply(
    description: DesiredState,
    actual: dict[str, Account],
    changes: Sequence[Change[Reader | LeavingReader]],
) -> Commands:
    """Yield one ``useradd`` for each new reader, one ``userdel`` for each that leaves."""
    for reader in payloads(changes, Reader):
        # An asterisk is no password and no lock either. The home is root's, so it isn't made here.
        yield StringCommand(
            f"groupadd --system --force {GROUP} && useradd --gid {GROUP} --no-user-group",
            f"--no-create-home --shell {READER} --password '*'",
            f"--home-dir {quote(reader.home)} {quote(reader.name)}",
        )
    for leaving in payloads(changes, LeavingReader):
        # The account goes first: without it no session can begin while others are ended.
        yield StringCommand(f"""\
set -eu
userdel --force {quote(leaving.name)}
for folder in /proc/[0-9]*; do
  if [ "$(stat -c %u "$folder" 2>/dev/null)" = {leaving.uid} ]; then
    kill -KILL "${{folder#/proc/}}" 2>/dev/null || :
  fi
done
! getent passwd {quote(leaving.name)} >/dev/null""")


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Make the described readers that are missing; remove those that left."""
