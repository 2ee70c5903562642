"""Hooks of git, on a laptop: put where git looks for them, and never over a hook of others.

A hook is ours if its second line says so. A file that says something else was there before, or was
put there since: it is refused where it stands in the way, and left alone where it doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    ProbeOutput,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set as group
from homeport.files.entries import File, PathEntry
from homeport.files.managed_set import ManagedSetState, ledger

NAME = "git-hooks"


@dataclass(frozen=True)
class GitHook:
    """A hook of git, to the byte. Its second line begins with our mark, and no other's does."""

    path: str
    text: str
    owner: str
    group: str

    @property
    def file(self) -> File:
        """The file that it is."""
        return File(self.path, self.text.encode(), "755", self.owner, self.group)


class GitHooksState(NamedTuple):
    """The files at the place of each hook, and which of those are ours."""

    files: ManagedSetState
    ours: frozenset[str]


def mark(app: str) -> str:
    """Return how the second line of a hook begins that homeport wrote for this application."""
    return f"# Written by homeport for {app};"


def _files(description: DesiredState) -> list[File]:
    return [hook.file for hook in description.of(GitHook)]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at each hook, and at those that left, and reads their mark."""
    script = group.probe(
        description.app, NAME, _files(description), key, description.snapshot_context
    )
    list_ = ledger(description.app, NAME, description.snapshot_context)
    paths = " ".join(quote(hook.path) for hook in description.of(GitHook))
    return f"""\
{script}
if [ -f {quote(list_)} ]; then set -- $(cat {quote(list_)}); fi
for path in "$@" {paths}; do
  if [ -f "$path" ] && [ ! -L "$path" ]; then
    case $(sed -n 2p "$path") in
      {quote(mark(description.app))}*) printf 'ours\\t%s\\n' "$path" ;;
    esac
  fi
done
"""


def parse(answer: ProbeOutput) -> GitHooksState:
    """Return what was found, or raise ``ProbeError``."""
    lines = answer.lines
    ours = frozenset(line.removeprefix("ours\t") for line in lines if line.startswith("ours\t"))
    files = "\n".join(line for line in lines if not line.startswith("ours\t"))
    return GitHooksState(group.parse(ProbeOutput(files, answer.key)), ours)


def diff(
    description: DesiredState, actual: GitHooksState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry]]:
    """Return what differs and what leaves; raises ``PreconditionError`` for a hook that isn't
    ours."""
    files = _files(description)
    for path in (file.path for file in files):
        if path in actual.files.seen and path not in actual.ours:
            raise PreconditionError(
                f"{path} is there, and homeport didn't write it; call what it does from hooks: in "
                "app.yml and move it away, or remove that hook from app.yml"
            )
    described = {file.path for file in files}
    mine = {p: seen for p, seen in actual.files.seen.items() if p in described | actual.ours}
    managed = replace(actual.files, seen=mine)
    return group.diff(description.app, NAME, files, managed, description.snapshot_context)


def apply(
    description: DesiredState, actual: GitHooksState, changes: Sequence[Change[PathEntry]]
) -> Commands:
    """Yield what makes the hooks as described."""
    # git makes do without that directory, so it may be missing.
    folders = {hook.path.rpartition("/")[0] for hook in description.of(GitHook)}
    if folders:
        yield StringCommand("mkdir -p", *(quote(folder) for folder in sorted(folders)))
    yield from group.apply(
        description.app, NAME, changes, snapshot_context=description.snapshot_context
    )


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Put the described hooks where git looks for them."""
