"""The renewal of deploys: while a run goes on, each host that has begun one hears of it.

pyinfra takes all hosts through each phase together. So a host waits for the slowest one, and that
may take longer than a deploy may go unheard of.
"""

from __future__ import annotations

import gevent
from pyinfra.api.state import State

from homeport.engine.run import HostRun, runs_of
from homeport.hostctl.protocol import RENEW_EVERY


def start(state: State, every: float = RENEW_EVERY) -> gevent.Greenlet:
    """Renew the open deploys of a run beside it, until the greenlet returned is killed.

    + every: seconds between the renewals of a host
    """
    return gevent.spawn(_renew_all, state, every)


def _renew_all(state: State, every: float) -> None:
    while True:
        gevent.sleep(every)
        # One that doesn't answer delays no other.
        for session in runs_of(state).values():
            if session.is_open:
                gevent.spawn(_renew, session)


def _renew(session: HostRun) -> None:
    # What a host answers is its own affair: one that can't be asked decides by its time.
    if session.transaction is not None and session.is_open:
        session.transaction.renew(session.host)
