"""The probe of accounts: who they are, who made them, and whose the directories are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import NamedTuple

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.hostctl.protocol import STATE
from homeport.operations.users.resources import ServiceUser


class Account(NamedTuple):
    """A passwd entry."""

    comment: str
    home: str
    shell: str


@dataclass(frozen=True)
class DirectoryState:
    """The thing at the path of a directory, and its owner.

    + packages: the Debian packages that have it, asked for where it is root's
    + empty: whether nothing is in it; asked for where it is root's
    + mounted: whether another file system begins there; asked for where it is root's
    """

    type: str
    owner: str
    packages: str = ""
    empty: bool = False
    mounted: bool = False


@dataclass(frozen=True)
class UsersState:
    """The accounts and groups of the described names, and the directories that are there.

    ``known`` are the applications that the host has a record of: homeport deployed them there.
    """

    accounts: Mapping[str, Account] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    directories: Mapping[str, DirectoryState] = field(default_factory=dict)


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that tells of each described account and of its directories."""
    users = description.of(ServiceUser)
    if not users:
        return ":\n"
    paths = [p for user in users for p in (*user.directories, *user.runtime, user.code) if p]
    return f"""\
entry() {{
  code=0 found=$(getent "$1" "$2") || code=$?
  case $code in 0) printf '%s\\t%s\\n' "$1" "$found" ;; 2) return 1 ;; *) exit "$code" ;; esac
}}
for name in {" ".join(quote(user.name) for user in users)}; do
  entry passwd "$name" || entry group "$name" || :
  if [ -d {STATE}/"$name" ]; then printf 'known\\t%s\\n' "$name"; fi
done
there=
for path in {" ".join(map(quote, paths))}; do
  if [ -e "$path" ] || [ -L "$path" ]; then there="$there $path"; fi
  if [ -O "$path" ]; then
    of=$(dpkg-query -S "$path" 2>/dev/null) && printf 'package\\t%s\\t%s\\n' "$path" "${{of%%: *}}"
    if [ -d "$path" ]; then
      in=$(find "$path"/ -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit 2>/dev/null) \\
        || continue
      [ -n "$in" ] || printf 'empty\\t%s\\n' "$path"
      ! mountpoint -q "$path" || printf 'mounted\\t%s\\n' "$path"
    fi
  fi
done
at='at\\t%p\\t%y\\t%u\\n'
# A slot that stops meanwhile takes its runtime directory along.
[ -z "$there" ] || find -H $there -maxdepth 0 -printf "$at" 2>/dev/null || for path in $there; do
  find -H "$path" -maxdepth 0 -printf "$at" 2>/dev/null || [ ! -e "$path" ]
done
"""


def parse(answer: ProbeOutput) -> UsersState:
    """Return what was found; raises ``ProbeError`` when it is not understood."""
    accounts, groups, known = dict[str, Account](), set[str](), set[str]()
    at, packages = dict[str, tuple[str, str]](), dict[str, str]()
    empty, mounted = set[str](), set[str]()
    for line in answer.lines:
        match line.split("\t"):
            case ["passwd", entry] if entry.count(":") == 6:
                name, _, _, _, comment, home, shell = entry.split(":")
                accounts[name] = Account(comment, home, shell)
            case ["group", entry]:
                groups.add(entry.partition(":")[0])
            case ["known", name]:
                known.add(name)
            case ["package", path, names]:
                packages[path] = names
            case ["empty", path]:
                empty.add(path)
            case ["mounted", path]:
                mounted.add(path)
            case ["at", path, kind, owner]:
                at[path] = (kind, owner)
            case _:
                raise ProbeError(f"a line about users is not understood: {line[:40]!r}")
    directories = {
        path: DirectoryState(*what, packages.get(path, ""), path in empty, path in mounted)
        for path, what in at.items()
    }
    return UsersState(accounts, frozenset(groups), frozenset(known), directories)
