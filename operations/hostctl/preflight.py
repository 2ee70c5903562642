"""The preflight: all that forbids a deploy, or is worth a word before it, found at once.

Where nothing is to be changed there is nothing to forbid.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

from homeport.artifacts import git_descends
from homeport.engine.begun import BEGUN
from homeport.engine.kind import Because, Plan, Reason, payloads
from homeport.hostctl import protocol
from homeport.operations.hostctl.deploy_state import DeployState
from homeport.operations.services.resources import ServiceChange

DAY = 86400
COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
POINTER = {"slot", "generation", "release"}


class Why(Reason):
    """The reasons why a deploy that is open is to be put back."""

    CUT_OFF = "a {} by {} was cut off, {}; what it changed is put back first"


def blockers(app: str, actual: DeployState) -> Iterator[str]:
    """Yield why nothing may be deployed to this host now; nothing forbids what has begun here."""
    if actual.lease is not None and actual.lease.get("id") in BEGUN:
        return
    if actual.lock is not None and actual.is_locked:
        until = actual.lock.get("until")
        ends = f" until {_when(until)}" if until else ""
        yield (
            f"it is locked by {actual.lock.get('who', 'unknown')}{ends}: "
            f"{actual.lock.get('reason', 'no reason is given')}; wait, or run "
            "`sudo homeportctl unlock` there"
        )
    if actual.is_held and actual.lease is not None:
        theirs = str(actual.lease.get("app", app))
        yield (
            f"{actual.lease.get('who', 'unknown')} is at work on it since "
            f"{actual.lease.get('since', 'a while')} "
            f"({actual.lease.get('what', protocol.DEPLOY)} of {theirs}); wait for that, or end it "
            "there with "
            f"`sudo homeportctl revert {theirs} {actual.lease.get('id', 'ID')} 'it hangs'`"
        )


def downgrade_blockers(
    repository: Path, actual: DeployState, commits: Sequence[str | None]
) -> Iterator[str]:
    """Yield why none of these commits may take the place of the one that runs: it came later."""
    ran = (actual.confirmed or {}).get("commit")
    if ran and not is_commit(ran):
        yield (
            f"its history names a commit that is none: {ran!r:.60}; see `homeportctl history` "
            "there, or go on with --data allow_downgrade=yes"
        )
        return
    for commit in commits:
        if ran and commit and commit != ran and git_descends(repository, ran, commit):
            yield (
                f"it runs commit {ran[:12]}, which came after {commit[:12]}; update your checkout, "
                "or go back on purpose with --data allow_downgrade=yes"
            )


def is_commit(text: object) -> TypeGuard[str]:
    """Return whether this is the name of a commit, by SHA-1 or SHA-256.

    git takes other text for one of its many ways to write a revision (gitrevisions(7)).
    """
    return isinstance(text, str) and COMMIT.fullmatch(text) is not None


def unknown(app: str, actual: DeployState) -> str | None:
    """Return what is wrong with the pointer to what runs, None if it can be read."""
    pairs = [line.split(" ", 1) for line in actual.active if line]
    values = {pair[0]: pair[-1] for pair in pairs if len(pair) == 2}
    well = values.keys() >= POINTER and values["slot"] in (*protocol.SLOTS, protocol.NO_SLOT)
    if not actual.active or well:
        return None
    return (
        f"{protocol.STATE}/{app}/{protocol.ACTIVE} is damaged, so it is unknown what "
        f"runs there; `sudo homeportctl cleanup {app}` writes it anew from the last journal; "
        "remove the file only if nothing runs"
    )


def warnings(actual: DeployState) -> Iterator[str]:
    """Yield what is worth knowing before a deploy, and doesn't forbid it."""
    last = actual.last or {}
    named = f"the last {last.get('what', protocol.DEPLOY)} ({last.get('who')}, {last.get('when')})"
    if last.get("outcome") == protocol.REVERTED:
        yield f"{named} was reverted: {last.get('reason')}"
    if last.get("outcome") == protocol.INCOMPLETE:
        found = "; ".join(map(str, last.get("complaints", ()))) or last.get("reason")
        yield f"{named} left what isn't as it was to be: {found}"
    if abs(off := actual.now.wall - time.time()) > DAY:
        which = "ahead" if off > 0 else "behind"
        days = f"{abs(off) / DAY:.0f} days {which} of this one's"
        yield f"its clock says {_when(actual.now.wall)}: {days}"


def downtime_note(plan: Plan, actual: DeployState) -> Iterator[str]:
    """Yield who is not there while a plan is carried out, and how long that took the last time."""
    works = payloads(plan, ServiceChange)
    units = [work.service.unit for work in works if work.leaves_a_gap]
    if units:
        took = ((actual.confirmed or {}).get("stages") or {}).get(protocol.RESTARTED)
        last = f"; the last time that took {took:.0f} s" if isinstance(took, int | float) else ""
        yield f"unavailable between stop and start: {', '.join(units)}{last}"


def cut_off(actual: DeployState) -> Because:
    """Return who was at work on what is open, and how far that came."""
    first, last = actual.journal[0], actual.journal[-1]
    what, who = first.get("what", protocol.DEPLOY), first.get("who", "unknown")
    return Why.CUT_OFF(what, who, last.get("state", "at an unknown point"))


def _when(seconds: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError, TypeError):
        return str(seconds)
