"""The end of a deploy, confirmed or reverted: written to every place that is asked for it.

Nothing of it is undone any more. The next call closes a deploy that has ended and isn't closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..protocol import ACTIVATING, CONFIRMED, REVERTED, REVERTING, WRITING
from ..slots.pointer import Pointer
from ..snapshots import generations
from ..transaction import deadman_unit, history, lease
from ..transaction.journal import Journal
from .app_context import AppContext

if TYPE_CHECKING:
    from ..shapes import HistoryRecord


def finalize(tools: AppContext, journal: Journal) -> None:
    """Write down how a deploy has ended, let go of the host, and have what is left cleared up."""
    place = tools.place
    when = tools.clock.iso()
    if journal.state == CONFIRMED:
        _confirmed(tools, journal, when)
    else:
        _reverted(tools, journal, when)
    if all(record.get("id") != journal.id for record in history.read(place, 5)):
        history.add(place, _record(journal, when))
    lease.free(place, journal.id)
    tools.detach(cleanup_unit(place.app), "cleanup", place.app)
    journal.close()
    deadman_unit.disarm(place, tools.commands)


def cleanup_unit(app: str) -> str:
    """Return the name of the unit that clears up after a deploy."""
    return f"homeportctl-cleanup-{app}"


def _confirmed(tools: AppContext, journal: Journal, when: str) -> None:
    ended = journal.lines[-1]
    place, gid = tools.place, ended["generation"]
    Pointer(ended["slot"], gid, ended["release"], ended["data"]).write(place)
    goal = (journal.reached(WRITING) or {}).get("goal")
    generations.number(place, gid, when, again=ended["back"], like=goal)
    generations.clear_bad(place, gid)


def _reverted(tools: AppContext, journal: Journal, when: str) -> None:
    began, why = journal.reached(ACTIVATING), journal.reached(REVERTING)
    if began and why and why["judged"]:
        reason = str(why["reason"])
        generations.mark_bad(tools.place, began["generation"], began["release"], reason, when)


def _record(journal: Journal, when: str) -> HistoryRecord:
    first, ended = journal.first, journal.lines[-1]
    began = journal.reached(ACTIVATING) or {}
    why = journal.reached(REVERTING) or {}
    before = journal.first.get("before")
    pointer = (before and before["active"]) or {}
    outcome = ended.get("outcome", REVERTED)
    return {
        "id": first.get("id"),
        "what": first.get("what"),
        "who": first.get("who"),
        "commit": first.get("commit"),
        "dirty": first.get("dirty"),
        "plan": first.get("plan"),
        "when": when,
        "release": ended.get("release", began.get("release")),
        "generation": ended.get("generation", began.get("generation")),
        "outcome": outcome,
        "reason": why.get("reason"),
        "unserved": ended.get("unserved"),
        "complaints": ended.get("complaints", []),
        "stages": journal.stages(),
        "from": pointer.get("generation"),
    }
