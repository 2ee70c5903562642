"""The frame of a deploy: a host is told of its beginning and, over a new connection, of its end.

In between it keeps whatever is changed, and puts it back if the deploy fails, or is cut off. Where
nothing is to be changed nothing begins, and no command is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra import logger
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine import phase
from homeport.engine.host_failure import FAILURES, failing_alone
from homeport.engine.kind import Commands, Plan
from homeport.engine.run import HostRun, host_run
from homeport.hostctl.plain_text import one_line
from homeport.operations import hostctl
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.releases import Release
from homeport.pyinfra_adapter.commands import connector_arguments

if TYPE_CHECKING:
    from homeport.hostctl.shapes import Origin


@operation()
def begin() -> Commands:
    """Yield the command that begins a transaction on the host, if anything is to be changed."""
    current = phase.current_run()
    if current.failed:
        yield from phase.fail_when_executed(current)
        return
    try:
        pending = _pending(current)
    except FAILURES as reason:
        yield from phase.fail_phase(current, str(reason))
        return
    if pending:
        yield FunctionCommand(_begin, (True,), {})
    elif current.description.of(HostProgram):
        # An operation of the user's own may yet give later phases something to do.
        current.begin_late(lambda: FunctionCommand(_begin, (False,), {}))
        current.host.noop("nothing is to be changed")


@operation()
def confirm() -> Commands:
    """Yield the command that confirms the changes, over a new connection to the host."""
    current = phase.current_run()
    preparing = not current.host.state.is_executing
    if current.failed:
        yield from phase.fail_when_executed(current)
        return
    try:
        is_due = current.is_open or bool(preparing and _pending(current))
    except FAILURES as reason:
        yield from phase.fail_phase(current, str(reason))
        return
    if is_due:
        yield FunctionCommand(_confirm, (), {})
    else:
        current.host.noop("nothing was changed")


def _pending(current: HostRun) -> Plan:
    return current.pending(hostctl.KIND) if current.description.of(HostProgram) else []


@failing_alone
def _begin(state: State, host: Host, alone: bool) -> bool:
    """Begin; ``alone`` says that the operation at work does nothing else."""
    # A run without a change begins nothing, and spares itself the import.
    from homeport.engine import rollback_on_failure
    from homeport.engine.transaction import DONE, REFUSED, DeployTransaction, new_id

    current = host_run()
    app = current.description.app
    transaction = DeployTransaction(app, new_id(), connector_arguments(host))
    rollback_on_failure.watch(state)
    # What the host does from here on it may have done even if its answer is lost.
    current.attach(transaction)
    result = transaction.begin(host, {**_origin(current), "plan": current.digest()})
    if result.code != DONE:
        if result.code == REFUSED:
            current.detach()
        _say(host, f"deploy refused: {result.reason}")
        return False
    for line in result.out:
        host.log_styled(one_line(line), fg="yellow", log_func=logger.warning)
    if result.out:
        current.probes.invalidate()
    elif alone:
        current.probes.ignore_operation()
    return True


def _origin(current: HostRun) -> Origin:
    for release in current.description.of(Release):
        return {"commit": release.artifact.commit, "dirty": release.artifact.dirty}
    return {"commit": None, "dirty": False}


@failing_alone
def _confirm(state: State, host: Host) -> bool:
    from homeport.engine.transaction import DONE

    transaction = host_run().transaction
    if transaction is None:
        return True
    result = transaction.confirm(host)
    if result.code != DONE:
        host_run().note_failure([result.reason])
        _say(host, f"could not confirm over a new connection: {result.reason}")
        return False
    for line in result.out:
        host.log_styled(one_line(line), log_func=logger.info)
    return True


def _say(host: Host, what: str) -> None:
    host.log_styled(one_line(what), fg="red", log_func=logger.error)
