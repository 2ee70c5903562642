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
from homeport.engine.kind import Commands
from homeport.engine.run import HostRun, host_run
from homeport.hostctl.plain_text import one_line
from homeport.operations import hostctl, releases, venvs
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.releases import Release
from homeport.operations.venvs.resources import Venv
from homeport.pyinfra_adapter.commands import connector_arguments

if TYPE_CHECKING:
    from homeport.hostctl.shapes import Basis, Origin

ADDED_FIRST = (
    "homeportctl is not on this host as it is shipped: before the lease come {}; what they change"
    " is added, and a revert leaves it"
)


@operation()
def begin() -> Commands:
    """Yield the command that begins a transaction on the host, if anything is to be changed.

    Where the host's program isn't there as it is shipped, packages, accounts and the program come
    first: what they change is added, and the transaction begins before the first change after them.
    """
    current = phase.current_run()
    if current.failed:
        yield from phase.fail_when_executed(current)
        return
    if not current.description.of(HostProgram):
        return
    try:
        pending, program = current.outstanding(), current.plan(hostctl.KIND)[0]
    except FAILURES as reason:
        yield from phase.fail_phase(current, str(reason))
        return
    if program.situation is not None:
        current.base_on(program.situation.basis)
    if program.is_shipped and pending:
        yield FunctionCommand(_begin, (True,), {})
        return
    # An operation of the user's own may yet give later phases something to do.
    after = None if program.is_shipped else hostctl.KIND
    current.begin_late(lambda: FunctionCommand(_begin, (False,), {}), after)
    later = [] if after is None else current.pending(after)
    first = pending[: len(pending) - len(later)]
    if later and first:
        kinds = ", ".join(dict.fromkeys(change.target.kind for change in first))
        current.printer.note("begin", ADDED_FIRST.format(kinds))
    current.host.noop("nothing is to be changed" if after is None else "it begins later")


@operation()
def confirm() -> Commands:
    """Yield the command that confirms the changes, over a new connection to the host."""
    current = phase.current_run()
    preparing = not current.host.state.is_executing
    if current.failed:
        yield from phase.fail_when_executed(current)
        return
    try:
        is_due = current.is_open or (preparing and _will_begin(current))
    except FAILURES as reason:
        yield from phase.fail_phase(current, str(reason))
        return
    if is_due:
        yield FunctionCommand(_confirm, (), {})
    else:
        current.host.noop("nothing was changed")


def _will_begin(current: HostRun) -> bool:
    if not current.description.of(HostProgram):
        return False
    is_shipped = current.plan(hostctl.KIND)[0].is_shipped
    return bool(current.outstanding() if is_shipped else current.pending(hostctl.KIND))


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
    facts: Origin = {**_origin(current), "plan": current.digest()}
    result = transaction.begin(host, facts, _basis(current))
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


def _basis(current: HostRun) -> Basis | None:
    """Return the state that the plan is based on, with the releases and venvs that it counts on."""
    if current.basis is None:
        return None
    known = current.probes.changes
    brought = {change.target.name for changes in known.values() for change in changes}
    described = current.description
    paths = [each.path for each in described.of(Release) if releases.KIND.name in known]
    paths += [each.path for each in described.of(Venv) if venvs.KIND.name in known]
    return {**current.basis, "paths": [path for path in paths if path not in brought]}


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
