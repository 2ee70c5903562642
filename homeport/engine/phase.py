"""A phase: one kind of resource on one host, from the probe to the change."""

from __future__ import annotations

from collections.abc import Callable

from pyinfra import logger
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine import plan_output
from homeport.engine.host_failure import FAILURES, judging
from homeport.engine.kind import AnyKind, Commands, Plan
from homeport.engine.run import HostRun, host_run
from homeport.hostctl.plain_text import one_line
from homeport.pyinfra_adapter import dry_run
from homeport.pyinfra_adapter.run_state import leave_out


def operation_for(kind: AnyKind) -> Callable[..., object]:
    """Return the operation of pyinfra's that is the phase of this kind."""

    def converge() -> Commands:
        yield from _converge(kind)

    # What pyinfra names an operation by that is called without a name.
    converge.__module__ = kind.name
    return operation()(converge)


def _converge(kind: AnyKind) -> Commands:
    """Yield what makes this host's resources of one kind as described; nothing if they are.

    A host that can't be understood, or isn't what was described, fails alone: the others go on.
    """
    session = current_run()
    if session.failed:
        yield from fail_when_executed(session)
        return
    try:
        found, changes = session.plan(kind)
        with judging(session.host.name, kind.name):
            _announce(session, kind, changes)
        if changes and (begin := session.late_begin(kind)) is not None:
            # When this deploy came to its beginning nothing was to be changed, or nothing but what
            # comes before it on a host that is new.
            yield begin
            found, changes = session.plan(kind)
        if changes and kind.apply is not None:
            # Where nothing is to be changed no command can fail.
            from homeport.engine.host_hints import hinting

            with judging(session.host.name, kind.name):
                for command in kind.apply(session.description, found, changes):
                    yield hinting(command, session.note_failure)
        else:
            session.host.noop(f"{kind.name}: as described")
    except FAILURES as reason:
        yield from fail_phase(session, str(reason))


def current_run() -> HostRun:
    """Return the session of the host whose turn it is; the plan names what isn't ours so far."""
    session = host_run()
    dry_run.claim(session.host)
    for name, conditional in session.unplanned_operations():
        session.printer.line(plan_output.unplanned(name, conditional))
    return session


def _announce(session: HostRun, kind: AnyKind, changes: Plan) -> None:
    for note in session.probes.notes.get(kind.name, ()):
        session.printer.note(kind.name, note)
    if session.printer.plan(kind.name, changes):
        dry_run.count(session.host, kind.name, len(changes))


def fail_phase(session: HostRun, reason: str) -> Commands:
    """Print why this host fails, and yield the command that fails its operation."""
    exclude_host(session, reason)
    yield from fail_when_executed(session)


def exclude_host(session: HostRun, reason: str) -> None:
    """Print why this host fails; while pyinfra prepares, exclude it from the rest of the run."""
    session.fail()
    session.note_failure([reason])
    session.host.log_styled(one_line(reason), fg="red", log_func=logger.error)
    if not session.host.state.is_executing:
        leave_out(session.host)


def fail_when_executed(session: HostRun) -> Commands:
    """Yield what makes an operation of a host that has failed fail, too."""
    # Also for a phase that is tried again, or whose errors are to be ignored: it is never done.
    if session.host.state.is_executing:
        yield FunctionCommand(_refuse, (), {})


def _refuse(state: State, host: Host) -> bool:
    return False
