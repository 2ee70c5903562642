"""The states of a deploy, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..protocol import (
    ACTIVATING,
    ARMED,
    CONFIRMED,
    READY,
    RESTARTED,
    REVERTED,
    REVERTING,
    SOAKED,
    STARTED,
    SWITCHED,
    WRITING,
)
from ..system.systemd import UnitFailed
from .journal import Journal

SUCCESSORS: Mapping[str, tuple[str, ...]] = {
    # Files are written.
    ARMED: (WRITING, ACTIVATING, CONFIRMED, REVERTING),
    WRITING: (WRITING, ACTIVATING, CONFIRMED, REVERTING),
    # What is wanted starts beside what runs, and takes its place.
    ACTIVATING: (STARTED, REVERTING),
    STARTED: (READY, REVERTING),
    READY: (RESTARTED, SWITCHED, REVERTING),
    RESTARTED: (SWITCHED, SOAKED, REVERTING),
    SWITCHED: (SOAKED, RESTARTED, REVERTING),
    # Only now may it be confirmed, and only over a new connection.
    SOAKED: (CONFIRMED, REVERTING),
    REVERTING: (REVERTED,),
    CONFIRMED: (),
    REVERTED: (),
}
"""From each state but the last ones there is a way back; from those there is none."""

ENDS = (CONFIRMED, REVERTED)


def advance(journal: Journal, state: str, **facts: Any) -> None:
    """Write down that a state is reached. Raises ``Failed`` if it can't follow the present one."""
    if state not in SUCCESSORS.get(journal.state, ()):
        raise UnitFailed(f"a deploy that is {journal.state} can't get {state}")
    journal.note(state, **facts)
