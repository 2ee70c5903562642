"""What is known of a host during one run: looked up once, and again only after it changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra import host as turn
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.kind import (
    AnyKind,
    Change,
    DesiredState,
    F,
    Kind,
    P,
    PendingTargets,
    Plan,
    PreconditionError,
    ProbeError,
    ProbeOutput,
    Target,
)
from homeport.engine.remote import ask
from homeport.engine.secret_digest import sha256
from homeport.engine.transaction import DeployTransaction
from homeport.errors import UserError
from homeport.hostctl.protocol import VersionError
from homeport.pyinfra_adapter import run_state


class HostRun:
    """One host's description, the kinds of resource that its phases take, and the last look."""

    def __init__(self, host: Host, kinds: Sequence[AnyKind], description: DesiredState) -> None:
        self.host, self.kinds, self.description = host, tuple(kinds), description
        self.failed = self.reported = False
        self.attempt: DeployTransaction | None = None
        self.begins: Callable[[], PyinfraCommand] | None = None
        self.shown: dict[str, Plan] = {}
        self.notes: dict[str, Sequence[str]] = {}
        self.printed, self.ours = set[str](), set[str]()
        self._plan: dict[str, tuple[Any, Sequence[Change[Any]]]] = {}
        self._changed_then = -1
        self._known, self._overlooked = set[str](), set[str]()

    @property
    def is_open(self) -> bool:
        """Whether the host has begun a deploy that nobody has confirmed or reverted."""
        return self.attempt is not None and self.attempt.outcome == "open"

    def attach(self, attempt: DeployTransaction) -> None:
        """Record the transaction of the host: from now on it snapshots what changes."""
        self.attempt = attempt
        snapshot_context = replace(self.description.snapshot_context, deploy=attempt.id)
        self.description = replace(self.description, snapshot_context=snapshot_context)

    def invalidate(self) -> None:
        """Mark the probed state as stale: the host has changed in the midst of an operation."""
        self._changed_then = -1

    def ignore_operation(self) -> None:
        """Mark the current operation as one that changes nothing that a probe reads."""
        self._overlooked.add(run_state.current_operation(self.host))

    def pending(self, kind: AnyKind) -> Plan:
        """Return what the phases after this kind's are to change; raises as ``plan`` does."""
        later = self.kinds[self._place(kind) + 1 :]
        for each in later[:1]:
            self.plan(each)
        return self._changes(later)

    def digest(self) -> str:
        """Return a hash of the plan, as it was shown and as it is known now."""
        known = self.shown | {name: changes for name, (_, changes) in self._plan.items()}
        whole = {name: [change.as_json() for change in known[name]] for name in known}
        return sha256(json.dumps(whole, sort_keys=True).encode())

    def _place(self, kind: AnyKind) -> int:
        if kind not in self.kinds:
            fix = f"name {kind.name.replace('-', '_')}.KIND among the kinds that start_run is given"
            raise UserError("this phase was not announced", fix=fix, key=kind.name)
        return self.kinds.index(kind)

    def plan(self, kind: Kind[F, P]) -> tuple[F, Sequence[Change[P]]]:
        """Return what the host has of this kind, and what is to be changed.

        It looks at the host, for this kind and all later ones, unless it has looked since the
        last change there. Raises ``ProbeError`` when the host didn't give a whole answer, and
        ``PreconditionError`` or ``UserError`` when what it is rules out what is described.
        """
        place = self._place(kind)
        if (
            self._changed_then != run_state.executed(self.host, self._overlooked)
            or kind.name not in self._plan
        ):
            self._probe(self.kinds[place:])
        return self._plan[kind.name]

    def unplanned_operations(self) -> list[tuple[str, bool]]:
        """Return the ordinary operations that stand before this phase, each of them once.

        Each is its name, and whether it depends on a condition. There are none but in the
        preparing pass: later they have run, and what they did is looked at.
        """
        state = self.host.state
        self.ours.add(run_state.current_operation(self.host))
        self._known |= self.ours
        if state.is_executing or not state.should_check_for_changes():
            return []
        theirs = list(run_state.planned_changes(self.host, self._known))
        self._known |= {operation.hash for operation in theirs}
        return [(operation.name, operation.conditional) for operation in theirs]

    def _probe(self, kinds: Sequence[AnyKind]) -> None:
        self._changed_then, self._plan = run_state.executed(self.host, self._overlooked), {}
        answers = ask(self.host, kinds, self.description)
        pending: set[Target] = set()
        refused: list[str] = []
        for kind in kinds:
            try:
                found = _parse(kind, answers[kind.name])
                changes = _diff(kind, self.description, found, frozenset(pending))
            except PreconditionError as refusal:
                refused.append(str(refusal))
            except (UserError, ProbeError):
                # What is refused may be the very reason.
                if not refused:
                    raise
            else:
                pending.update(Target(kind.name, change.target) for change in changes)
                self._plan[kind.name] = (found, changes)
        self._check_plan(kinds, refused)
        # Only a plan that is whole and allowed is worth fetching anything for.
        for kind in kinds:
            found, changes = self._plan[kind.name]
            if kind.prepare is not None:
                kind.prepare(changes, found)

    def _check_plan(self, kinds: Sequence[AnyKind], refused: list[str]) -> None:
        known = [kind for kind in kinds if kind.name in self._plan]
        for kind in known:
            if kind.check_plan is None:
                continue
            found, _ = self._plan[kind.name]
            try:
                notes = kind.check_plan(self.description, found, self._changes(known))
                self.notes[kind.name] = notes
            except PreconditionError as refusal:
                refused.append(str(refusal))
        if refused:
            self._plan = {}
            raise PreconditionError("; ".join(refused))

    def _changes(self, kinds: Sequence[AnyKind]) -> Plan:
        return [change for kind in kinds for change in self._plan[kind.name][1]]


def _parse(kind: Kind[F, P], answer: ProbeOutput) -> F:
    try:
        return kind.parse(answer)
    except VersionError as error:
        raise PreconditionError(str(error)) from None
    except (ValueError, LookupError) as error:
        raise ProbeError(f"can't parse what the host says of {kind.name}") from error


def _diff(
    kind: Kind[F, P], description: DesiredState, found: F, pending: PendingTargets
) -> Sequence[Change[P]]:
    changes = kind.diff(description, found, pending)
    if changes and kind.apply is None:
        what = f"the kind {kind.name} has changes, and no apply that makes them"
        raise UserError(what, fix="give it one, or have its diff return no change")
    return changes


_runs: WeakKeyDictionary[State, dict[str, HostRun]] = WeakKeyDictionary()


def start_run(kinds: Sequence[AnyKind], description: DesiredState) -> None:
    """Say, once per host and run, what the host should have and which phases will see to it."""
    host = current_host()
    _runs.setdefault(host.state, {})[host.name] = HostRun(host, kinds, description)


def runs_of(state: State) -> Mapping[str, HostRun]:
    """Return what ``start_run`` opened in a run, by the name of the host."""
    return _runs.get(state, {})


def host_run() -> HostRun:
    """Return what ``start_run`` opened for the host whose turn it is; raises ``OperationError``."""
    host = current_host()
    try:
        return _runs[host.state][host.name]
    except KeyError:
        raise OperationError("this deploy has no start_run(...) before its first phase") from None


def current_host() -> Host:
    """Return the host whose turn it is, and not the proxy for it that pyinfra hands out."""
    return turn.inventory.get_host(turn.name)
