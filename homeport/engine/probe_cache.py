"""The cache of a host's probe: probed once, and again only after the host has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyinfra.api.host import Host

from homeport.engine.host_failure import judging
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
from homeport.errors import UserError
from homeport.hostctl.protocol import VersionError
from homeport.pyinfra_adapter import run_state

STALE = -1
"""In place of a number of operations: whatever was probed, it is out of date."""


class ProbeCache:
    """The state of one host, and what is to be changed there, by its last probe.

    + notes: what the kinds say of the host besides its changes, by the kind's name
    """

    def __init__(self, host: Host, kinds: Sequence[AnyKind]) -> None:
        self._host, self._kinds = host, tuple(kinds)
        self._plan: dict[str, tuple[Any, Sequence[Change[Any]]]] = {}
        self._probed_at = STALE
        self._ignored = set[str]()
        self.notes: dict[str, Sequence[str]] = {}

    @property
    def changes(self) -> Mapping[str, Plan]:
        """The changes of each kind that the last probe was for, by the kind's name."""
        return {name: changes for name, (_, changes) in self._plan.items()}

    def invalidate(self) -> None:
        """Mark the probed state as stale: the host has changed in the midst of an operation."""
        self._probed_at = STALE

    def ignore_operation(self) -> None:
        """Mark the current operation as one that changes nothing that a probe reads."""
        self._ignored.add(run_state.current_operation(self._host))

    def plan(self, kind: Kind[F, P], description: DesiredState) -> tuple[F, Sequence[Change[P]]]:
        """Return what the host has of this kind, and what is to be changed.

        Probe the host, for this kind and all later ones, unless it was probed since the last
        change there. Raises ``ProbeError`` when the host gives no whole answer, or one that can't
        be judged, and ``PreconditionError`` or ``UserError`` when its state rules out what is
        described.
        """
        place = self._place(kind)
        # A later probe drops the earlier kinds: a plan of one of those probes again.
        executed = run_state.executed(self._host, self._ignored)
        if self._probed_at != executed or kind.name not in self._plan:
            self._probe(self._kinds[place:], description)
        return self._plan[kind.name]

    def outstanding(self, description: DesiredState) -> Plan:
        """Return all that is to be changed yet; raises as ``plan`` does.

        Probe the host, for all kinds, unless it was probed since the last change there.
        """
        if self._probed_at != run_state.executed(self._host, self._ignored) or not self._plan:
            self._probe(self._kinds, description)
        return self._changes([kind for kind in self._kinds if kind.name in self._plan])

    def comes_after(self, kind: AnyKind, other: AnyKind) -> bool:
        """Return whether a kind's phase comes after another one's."""
        return self._place(kind) > self._place(other)

    def pending(self, kind: AnyKind, description: DesiredState) -> Plan:
        """Return what the phases after this kind's are to change; raises as ``plan`` does."""
        later = self._kinds[self._place(kind) + 1 :]
        for each in later[:1]:
            self.plan(each, description)
        return self._changes(later)

    def _place(self, kind: AnyKind) -> int:
        if kind not in self._kinds:
            fix = f"name {kind.name.replace('-', '_')}.KIND among the kinds that start_run is given"
            raise UserError("this phase was not announced", fix=fix, key=kind.name)
        return self._kinds.index(kind)

    def _probe(self, kinds: Sequence[AnyKind], description: DesiredState) -> None:
        self._probed_at, self._plan = run_state.executed(self._host, self._ignored), {}
        with judging(self._host.name, "the answer of the probe"):
            answers = ask(self._host, kinds, description)
        pending: set[Target] = set()
        refused: list[str] = []
        for kind in kinds:
            try:
                with judging(self._host.name, kind.name):
                    found = _parse(kind, answers[kind.name])
                    changes = _diff(kind, description, found, frozenset(pending))
            except PreconditionError as refusal:
                refused.append(str(refusal))
            except (UserError, ProbeError):
                # What is refused may be the very reason.
                if not refused:
                    raise
            else:
                pending.update(change.target for change in changes)
                self._plan[kind.name] = (found, changes)
        self._check_plan(kinds, description, refused)
        # Only a plan that is whole and allowed is worth fetching anything for.
        for kind in kinds:
            found, changes = self._plan[kind.name]
            if kind.prepare is not None:
                with judging(self._host.name, kind.name):
                    kind.prepare(changes, found)

    def _check_plan(
        self, kinds: Sequence[AnyKind], description: DesiredState, refused: list[str]
    ) -> None:
        known = [kind for kind in kinds if kind.name in self._plan]
        for kind in known:
            if kind.check_plan is None:
                continue
            found, _ = self._plan[kind.name]
            try:
                with judging(self._host.name, kind.name):
                    self.notes[kind.name] = list(
                        kind.check_plan(description, found, self._changes(known))
                    )
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


def _diff(
    kind: Kind[F, P], description: DesiredState, found: F, pending: PendingTargets
) -> Sequence[Change[P]]:
    changes = kind.diff(description, found, pending)
    if changes and kind.apply is None:
        what = f"the kind {kind.name} has changes, and no apply that makes them"
        raise UserError(what, fix="give it one, or have its diff return no change")
    return changes
