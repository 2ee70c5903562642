"""The state of pyinfra's run, read and corrected where it has no public name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from pyinfra.api.host import Host
from pyinfra.api.state import State


class PlannedOperation(NamedTuple):
    """An operation that pyinfra has prepared for a host: its hash, its names, and its condition."""

    hash: str
    name: str
    conditional: bool


def current_operation(host: Host) -> str:
    """Return the hash of the operation at work on a host, or an empty string."""
    return host.current_op_hash or ""


def operation_name(state: State, operation: str) -> str:
    """Return the names of an operation, joined by commas."""
    return ", ".join(sorted(state.get_op_meta(operation).names))


def ignores_errors(state: State, host: Host, operation: str) -> bool:
    """Return whether an operation may fail on a host, and the run goes on."""
    return bool(state.get_op_data_for_host(host, operation).global_arguments["_ignore_errors"])


def planned_changes(host: Host, besides: Collection[str] = ()) -> Iterator[PlannedOperation]:
    """Yield the operations that are to change a host, without those of these hashes."""
    for operation, data in host.state.ops[host].items():
        if operation not in besides and data.operation_meta.will_change:
            name = operation_name(host.state, operation)
            yield PlannedOperation(operation, name, bool(data.global_arguments.get("_if")))


def executed(host: Host, besides: Collection[str] = ()) -> int:
    """Return how many operations of this run ran a command on a host, without these hashes."""
    operations = host.state.ops[host].items()
    return sum(done.operation_meta.executed for made, done in operations if made not in besides)


def leave_out(host: Host) -> None:
    """Leave a host out of the rest of the run.

    As pyinfra's own ``fail_hosts`` does, but without its question whether to go on: a dry run has
    no one to answer it, and the hosts that are well go on in any case.
    """
    state: State = host.state
    state.failed_hosts.add(host)
    state.active_hosts.discard(host)


def has_failed(host: Host) -> bool:
    """Return whether a host was left out of the rest of the run."""
    return host in host.state.failed_hosts


def was_connected(host: Host) -> bool:
    """Return whether the run connected to a host, whatever came of it later."""
    return host in host.state.activated_hosts
