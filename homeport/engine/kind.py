"""The words the engine speaks: a description, a change, a kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from shlex import quote
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeGuard, TypeVar

from pyinfra.api.command import PyinfraCommand

from homeport.hostctl import protocol

F = TypeVar("F")
R = TypeVar("R")
P = TypeVar("P")
P_co = TypeVar("P_co", covariant=True)
Action = Literal["add", "change", "remove"]
Commands = Generator[str | PyinfraCommand, None, None]


class Target(NamedTuple):
    """The target of a change: a name, and the kind of resource that has it."""

    kind: str
    name: str


PendingTargets = frozenset[Target]
"""The targets of what earlier phases are about to change: a plan is true as a whole, or not."""
NOTHING: PendingTargets = frozenset()


class Reason(Enum):
    """The reasons of one kind: its members are their sentences, with ``{}`` for each detail."""

    def __call__(self, *details: object) -> Because:
        """Return this reason with its details."""
        return Because(self, details)


class Because(NamedTuple):
    """The reason why something is to be changed: a reason that code compares, and a sentence."""

    reason: Reason
    details: tuple[object, ...] = ()

    def __str__(self) -> str:
        return str(self.reason.value).format(*self.details)


@dataclass(frozen=True)
class Change(Generic[P_co]):
    """One difference between what is described and what was found, as a value.

    + target: its kind, and its name, which the kind has for nothing else
    + payload: what ``apply`` needs to make it
    + diff: the lines that a person reads, with secrets already masked, so a change can be printed,
      stored or compared without another thought
    """

    action: Action
    target: Target
    reasons: tuple[Because, ...]
    payload: P_co = field(repr=False)
    diff: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The reasons, for a person to read."""
        return "; ".join(map(str, self.reasons))

    def as_json(self) -> dict[str, object]:
        """Return what a machine may read of this change; secrets were masked before."""
        return {
            "action": self.action,
            "target": self.target.name,
            "reason": self.reason,
            "diff": list(self.diff),
        }


Plan: TypeAlias = Sequence[Change[object]]
"""Changes of any kinds."""


def of_payload(changes: Plan, payload: type[P]) -> list[Change[P]]:
    """Return the changes that have a payload of this type, in their order."""

    def fits(change: Change[object]) -> TypeGuard[Change[P]]:
        return isinstance(change.payload, payload)

    return [change for change in changes if fits(change)]


def payloads(changes: Plan, payload: type[P]) -> list[P]:
    """Return the payloads of this type, in the order of their changes."""
    return [change.payload for change in of_payload(changes, payload)]


@dataclass(frozen=True)
class SnapshotContext:
    """The keeper of the lists of what homeport put on a host, and their place if it isn't root's.

    ``deploy`` is the id of the deploy that has begun there: nothing is written before the host has
    kept what was at its place. ``trusted`` are accounts that may become root anyway: what is theirs
    is as safe as root's.
    """

    owner: str = "root"
    group: str = "root"
    ledgers: str | None = None
    deploy: str | None = None
    trusted: tuple[str, ...] = ()

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
    """The resources that one host should have: known before anything connects to it."""

    app: str
    resources: tuple[object, ...]
    snapshot_context: SnapshotContext = ROOT

    def of(self, resource: type[R]) -> tuple[R, ...]:
        """Return the resources of one type, in the order in which they were described."""
        return tuple(found for found in self.resources if isinstance(found, resource))


@dataclass(frozen=True)
class ProbeOutput:
    """The output of a probe, and the key under which it fingerprinted secrets."""

    text: str
    key: str

    @property
    def lines(self) -> list[str]:
        """The lines of the output, which newlines alone end, whatever else a text may hold."""
        return self.text.removesuffix("\n").split("\n") if self.text else []


@dataclass(frozen=True)
class Kind(Generic[F, P]):
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
    diff: Callable[[DesiredState, F, PendingTargets], Sequence[Change[P]]]
    apply: Callable[[DesiredState, F, Sequence[Change[P]]], Commands] | None = None
    prepare: Callable[[Sequence[Change[P]], F], None] | None = None
    check_plan: Callable[[DesiredState, F, Plan], Sequence[str]] | None = None


def when_changed(
    module: str,
) -> Callable[[DesiredState, F, Sequence[Change[P]]], Commands]:
    """Return the ``apply`` of a module, which is imported when there is something to change."""

    def apply(description: DesiredState, actual: F, changes: Sequence[Change[P]]) -> Commands:
        yield from import_module(module).apply(description, actual, changes)

    return apply


AnyKind: TypeAlias = Kind[Any, Any]
"""A kind among others: what one of its functions returns goes to its others alone."""


class ProbeError(Exception):
    """A host's answer is not what was asked for; nothing may be concluded from it."""


class PreconditionError(Exception):
    """A host is not what was described, in a way that no deploy can put right."""
