"""A case: what runs, where it has come to, and what is killed there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from homeport.hostctl.protocol import REVERTED, REVERTING
from homeport.hostctl.transaction.states import SUCCESSORS
from tests.support.phase_calls import phase_calls

PROJECT = Path(__file__).resolve().parents[3]

CONTROLLER, CONNECTION, PROGRAM = VICTIMS = ("controller", "connection", "host program")
DEPLOY, FAILING, ROLLBACK = JOBS = ("a deploy", "a deploy that fails", "a rollback")
FRAME = ("Begin", "Confirm")
"""What deploy.py does before the first phase that changes something, and after the last."""
FAILED = (REVERTING, REVERTED)
DONE = tuple(state for state in SUCCESSORS if state not in FAILED)
STATES = {DEPLOY: DONE, FAILING: FAILED, ROLLBACK: DONE}
"""The states that each job comes to, where an application has slots and a worker; those that a
failing deploy has in common with others are killed once."""


class Case(NamedTuple):
    """One SIGKILL.

    + job: one of ``JOBS``
    + phase: whose beginning pyinfra prints; None if it is a state
    + state: which the host program notes in its journal; None if it is a phase
    + victim: one of ``VICTIMS``
    """

    job: str
    phase: str | None
    state: str | None
    victim: str

    def __str__(self) -> str:
        where = f"phase {self.phase}" if self.phase else f"state {self.state}"
        return f"{self.job}, {where}, {self.victim}"


def phases() -> list[str]:
    """Return the phases of a deploy, as pyinfra prints them."""
    calls = [call.printed for call in phase_calls((PROJECT / "deploy.py").read_text())]
    return [*calls[:1], FRAME[0], *calls[1:], FRAME[1]]


def cases() -> Iterator[Case]:
    """Yield all cases."""
    for phase, victim in product(phases(), VICTIMS):
        yield Case(DEPLOY, phase, None, victim)
    for job, states in STATES.items():
        for state, victim in product(states, VICTIMS):
            yield Case(job, None, state, victim)
