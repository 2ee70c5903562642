"""One host in one run: what it is to have, what it has, and the deploy that it has begun."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from pyinfra import host as turn
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.kind import AnyKind, Change, DesiredState, F, Kind, P, Plan
from homeport.engine.plan_output import PlanPrinter
from homeport.engine.probe_cache import ProbeCache
from homeport.engine.secret_digest import sha256
from homeport.hostctl.masking import KNOWN
from homeport.hostctl.plain_text import one_line
from homeport.pyinfra_adapter import run_state

if TYPE_CHECKING:
    from homeport.engine.transaction import DeployTransaction
    from homeport.hostctl.shapes import Basis

LateBegin: TypeAlias = tuple[Callable[[], PyinfraCommand], AnyKind | None]
"""The command that begins a transaction, and the kind that comes before it."""


LAST, LONGEST = 3, 500
"""Lines and characters of a cause that are kept."""


class HostRun:
    """One host of a run.

    + description: what the host is to have
    + probes: what it has, by its last probe
    + printer: what was printed of its plan
    + transaction: the deploy that it has begun, if it has
    + basis: the state that the plan is based on, as the host's program gets it
    + failed: whether it takes part no more
    + cause: the last lines of what failed, for the history of the host
    + is_reverted: whether its transaction was reverted, and that was reported
    + phases: the operations that are phases, by pyinfra's hash of each
    """

    def __init__(self, host: Host, kinds: Sequence[AnyKind], description: DesiredState) -> None:
        self.host, self.description = host, description
        self.probes, self.printer = ProbeCache(host, kinds), PlanPrinter(host)
        self.transaction: DeployTransaction | None = None
        self.basis: Basis | None = None
        self._late_begin: LateBegin | None = None
        self.failed = self.is_reverted = False
        self.cause = ""
        self.phases, self._known = set[str](), set[str]()

    @property
    def is_open(self) -> bool:
        """Whether the host has begun a deploy that is neither confirmed nor reverted."""
        return self.transaction is not None and self.transaction.outcome == "open"

    def plan(self, kind: Kind[F, P]) -> tuple[F, Sequence[Change[P]]]:
        """Return what the host has of a kind and what is to be changed, as ``ProbeCache.plan``."""
        return self.probes.plan(kind, self.description)

    def pending(self, kind: AnyKind) -> Plan:
        """Return what the phases after this kind's are to change, as ``ProbeCache.pending``."""
        return self.probes.pending(kind, self.description)

    def outstanding(self) -> Plan:
        """Return all that is to be changed yet, as ``ProbeCache.outstanding``."""
        return self.probes.outstanding(self.description)

    def base_on(self, basis: Basis) -> None:
        """Record the state that the plan is based on.

        The first one is what the user agreed to, and what phases without a change were judged by.
        A boot since then is no other deploy.
        """
        self.basis = {**(self.basis or basis), "boot": basis["boot"]}

    def begin_late(self, begin: Callable[[], PyinfraCommand], after: AnyKind | None = None) -> None:
        """Record the command that begins a transaction, should a later phase have a change.

        + after: the kind whose phase comes before it in any case, with all those before it
        """
        self._late_begin = begin, after

    def late_begin(self, kind: AnyKind) -> PyinfraCommand | None:
        """Return the command that begins a transaction before this kind changes something.

        None if there is one, or none is needed yet.
        """
        if self._late_begin is None:
            return None
        begin, after = self._late_begin
        return begin() if after is None or self.probes.comes_after(kind, after) else None

    def attach(self, transaction: DeployTransaction) -> None:
        """Record the transaction of the host: from now on it snapshots what changes."""
        self.transaction, self._late_begin = transaction, None
        snapshot_context = replace(self.description.snapshot_context, deploy=transaction.id)
        self.description = replace(self.description, snapshot_context=snapshot_context)

    def detach(self) -> None:
        """Forget the transaction: the host has refused to begin it, so nothing is to revert."""
        self.transaction = None

    def fail(self) -> None:
        """Record that the host takes part no more."""
        self.failed = True

    def note_failure(self, lines: Sequence[str]) -> None:
        """Record what failed, by its last lines: harmless, without a secret, and not too long."""
        last = [line for line in lines if line.strip()][-LAST:]
        self.cause = one_line(KNOWN("; ".join(last)), LONGEST)

    def mark_reverted(self) -> None:
        """Record that the host has failed, and that its transaction was reverted."""
        self.failed = self.is_reverted = True

    def digest(self) -> str:
        """Return a hash of the plan, as it was printed and as it is known now."""
        known = {**self.printer.plans, **self.probes.changes}
        whole = {name: [change.as_json() for change in known[name]] for name in known}
        return sha256(json.dumps(whole, sort_keys=True).encode())

    def unplanned_operations(self) -> list[tuple[str, bool]]:
        """Return the ordinary operations that stand before this phase, each of them once.

        Each is its name, and whether it depends on a condition. There are none but in the
        preparing pass: later they have run, and a probe shows what they did.
        """
        state = self.host.state
        self.phases.add(run_state.current_operation(self.host))
        self._known |= self.phases
        if state.is_executing or not state.should_check_for_changes():
            return []
        theirs = list(run_state.planned_changes(self.host, self._known))
        self._known |= {operation.hash for operation in theirs}
        return [(operation.name, operation.conditional) for operation in theirs]


_runs: WeakKeyDictionary[State, dict[str, HostRun]] = WeakKeyDictionary()


def start_run(kinds: Sequence[AnyKind], description: DesiredState) -> None:
    """Open the run of the host whose turn it is: its kinds in order, and what it should have."""
    host = current_host()
    _runs.setdefault(host.state, {})[host.name] = HostRun(host, kinds, description)


def runs_of(state: State) -> Mapping[str, HostRun]:
    """Return the hosts of a run that ``start_run`` opened, by their names."""
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
