"""The words the engine speaks: a description, a change, a kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Any, Generic, Literal, TypeVar

from pyinfra.api.command import PyinfraCommand

from homeport.hostctl import protocol

F = TypeVar("F")
R = TypeVar("R")
Action = Literal["add", "change", "remove"]
PendingTargets = frozenset[str]
"""The targets of what earlier phases are about to change: a plan is true as a whole, or not."""
NOTHING: PendingTargets = frozenset()
Commands = Generator[str | PyinfraCommand, None, None]


@dataclass(frozen=True)
class Change:
    """One difference between what is wanted and what was found, as a value.

    ``diff`` holds the lines that a person reads, with secrets already masked, so a change can be
    printed, stored or compared without another thought.
    """

    action: Action
    target: str
    reason: str
    diff: tuple[str, ...] = ()
    desired: Any = field(default=None, repr=False, compare=False)

    def as_json(self) -> dict[str, object]:
        """Return what a machine may read of this change; secrets were masked before."""
        return {
            "action": self.action,
            "target": self.target,
            "reason": self.reason,
            "diff": list(self.diff),
        }


@dataclass(frozen=True)
class SnapshotContext:
    """Who keeps the lists of what homeport put on a host, and where, if it isn't root's place.

    ``deploy`` is the id of the deploy that has begun there: nothing is written before the host has
    kept what was at its place.
    """

    owner: str = "root"
    group: str = "root"
    ledgers: str | None = None
    deploy: str | None = None

    def keep(self, app: str, paths: Iterable[str]) -> str:
        """Return the shell that has the host keep what is at these paths, or ends the script."""
        words = " ".join(map(quote, dict.fromkeys(paths)))
        if self.deploy is None or not words:
            return ""
        # What is still to come on standard input is read all the same: its sender waits for that.
        ends = "{ code=$?; cat >/dev/null; exit $code; }"
        return (
            f"{protocol.PROGRAM} snapshot {quote(app)} {self.deploy} {words} </dev/null || {ends}"
        )


ROOT = SnapshotContext()


@dataclass(frozen=True)
class DesiredState:
    """What one host should have: known before anything connects to it."""

    app: str
    resources: tuple[object, ...]
    snapshot_context: SnapshotContext = ROOT

    def of(self, resource: type[R]) -> tuple[R, ...]:
        """Return the resources of one type, in the order in which they were described."""
        return tuple(found for found in self.resources if isinstance(found, resource))


@dataclass(frozen=True)
class ProbeOutput:
    """What a probe printed, and the key under which it fingerprinted secrets."""

    text: str
    key: str


@dataclass(frozen=True)
class Kind(Generic[F]):
    """One kind of resource: how to probe it, what differs, how to apply that.

    + probe: returns a read-only POSIX shell script; it is given the fingerprint key
    + parse: turns what the probe printed into what was found, or raises ``ProbeError``
    + diff: pure; returns the changes that lead from what was found to what is described, knowing
      what earlier phases are about to change
    + apply: yields the pyinfra commands that make those changes; called only if there are some.
      A kind that only probes has none, and its ``diff`` returns no change
    + prepare: builds on the controller what the changes need, before any host is touched
    + check_plan: returns what is to be said of the host besides; given the changes of all kinds, it
      raises ``PreconditionError`` if that plan may not be carried out now
    """

    name: str
    probe: Callable[[DesiredState, str], str]
    parse: Callable[[ProbeOutput], F]
    diff: Callable[[DesiredState, F, PendingTargets], list[Change]]
    apply: Callable[[DesiredState, F, Sequence[Change]], Commands] | None = None
    prepare: Callable[[Sequence[Change], F], None] | None = None
    check_plan: Callable[[DesiredState, F, Sequence[Change]], Sequence[str]] | None = None


class ProbeError(Exception):
    """A host's answer is not what was asked for; nothing may be concluded from it."""


class PreconditionError(Exception):
    """A host is not what was described, in a way that no deploy can put right."""
