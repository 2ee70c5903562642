"""The guard of a run's deploys: each is renewed while it goes on, and reverted where it fails."""

from __future__ import annotations

from weakref import WeakSet

import gevent
from pyinfra import logger
from pyinfra.api.host import Host
from pyinfra.api.state import BaseStateCallback, State

from homeport.engine import renewal
from homeport.engine.run import HostRun, runs_of
from homeport.hostctl import protocol
from homeport.pyinfra_adapter import run_state
from homeport.pyinfra_adapter.shutdown import before_hanging_up

_watched: WeakSet[State] = WeakSet()


class RollbackOnFailure(BaseStateCallback):
    """The callback for an operation that has failed, after all of its retries."""

    @staticmethod
    def operation_host_error(state: State, host: Host, op_hash: str, *retried: int) -> None:
        """Revert the host, unless a user's operation has its errors ignored."""
        session = runs_of(state).get(host.name)
        if session is None:
            return
        if op_hash in session.phases or not run_state.ignores_errors(state, host, op_hash):
            name, cause = run_state.operation_name(state, op_hash), session.cause
            revert(session, f"{name} failed{f': {cause}' if cause else ''}")


def watch(state: State) -> None:
    """Guard the deploys of a run: renew each while it goes on, and revert what it doesn't confirm.

    A host is reverted when its deploy fails, or is open when the run ends.
    """
    if state not in _watched:
        _watched.add(state)
        state.add_callback_handler(RollbackOnFailure())
        renewing = renewal.start(state)
        before_hanging_up(state, lambda ended: end(ended, renewing))


def end(state: State, renewing: gevent.Greenlet) -> bool:
    """End the guard of a run; return whether anything was reverted."""
    renewing.kill()
    return revert_all(state)


def revert(session: HostRun, reason: str) -> None:
    """Revert the changes of the deploy that this host has begun, and print the result."""
    transaction = session.transaction
    if transaction is None or transaction.outcome == protocol.CONFIRMED or session.is_reverted:
        return
    session.mark_reverted()
    message = transaction.revert(session.host, reason)
    session.host.log_styled(message, fg="red", log_func=logger.error)


def revert_all(state: State) -> bool:
    """Revert what a run that ends has begun and never confirmed; return whether there was any.

    Hosts are reverted side by side: one that takes its time, or gives no answer, delays no other.
    """
    left = [session for session in runs_of(state).values() if session.is_open]
    reverts = [gevent.spawn(revert, each, "the run ended before it was confirmed") for each in left]
    gevent.joinall(reverts)
    return bool(left)
