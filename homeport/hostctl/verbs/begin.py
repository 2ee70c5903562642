"""The beginning of a deploy: it gets the host for itself, and a way back, before it writes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ..protocol import ARMED, DEPLOY, ROLLBACK, TTL
from ..slots.pointer import read_pointer
from ..system import atomic_files
from ..system.exit_codes import (
    DONE,
    INCOMPLETE,
    REVERTED,
    CommandFailed,
    PreconditionFailed,
    Usage,
)
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..system.process_handle import session
from ..transaction import deadman_unit, deploy_lock, lease
from ..transaction.journal import Journal
from ..transaction.lease import Lease
from .basis import require_basis, require_unmoved
from .context import Context

if TYPE_CHECKING:
    from ..shapes import BeginRequest


def begin(host: Context, args: list[str]) -> int:
    """Take the lease, open the journal, arm the dead-man: the verb ``begin APP``.

    A host that has moved since the plan was made is refused. What a dead deploy has left is
    reverted first. Returns DONE. Raises PreconditionFailed, CommandFailed, Usage.
    """
    place, facts = host.place(args[0]), _read_request(host)
    _refuse(host, place, facts)
    with exclusive(place):
        _refuse(host, place, facts)
        # What is written at the end must not fail then.
        atomic_files.require_known(place.history, place.bad, place.last_journal)
        journal = host.journal(place)
        if journal is None or journal.id != facts["id"]:
            require_unmoved(host, place, facts.get("basis"))
            _take_over(host, place, facts["id"])
            journal = _open(host, place, facts)
        elif deadman_unit.armed(place, host.commands):
            return DONE
        try:
            deadman_unit.arm(place, host.commands, journal.id)
        except CommandFailed:
            if journal.state == ARMED:
                lease.free(place, journal.id)
                journal.close()
            raise
    return DONE


def _read_request(host: Context) -> BeginRequest:
    try:
        request = json.loads(host.stdin.readline())
        deploy_id, who, ttl = request["id"], request["who"], request.get("ttl", TTL)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Usage("begin reads one line of JSON, with at least an id and a who") from None
    if not (
        isinstance(deploy_id, str) and deploy_id.isprintable() and deploy_id.split() == [deploy_id]
    ):
        raise Usage(f"{deploy_id!r} is no id: a word is wanted")
    if not isinstance(ttl, int | float) or isinstance(ttl, bool) or ttl <= 0:
        raise Usage(f"{ttl!r} is no ttl: seconds are wanted")
    return {
        "id": deploy_id,
        "who": str(who),
        "what": str(request.get("what") or DEPLOY),
        "commit": request.get("commit"),
        "dirty": request.get("dirty"),
        "plan": request.get("plan"),
        "ttl": ttl,
        "held": request.get("held", True) is True,
        "basis": require_basis(request.get("basis")),
    }


def _refuse(host: Context, place: AppPaths, facts: BeginRequest) -> None:
    held = lease.read(place)
    if held is not None and held.id == facts["id"]:
        return
    # It keeps people from making things worse, and not from making them as they were.
    locked = deploy_lock.read(place, host.clock)
    if locked is not None and facts["what"] != ROLLBACK:
        raise PreconditionFailed(f"{locked}. Fix: wait, or `homeportctl unlock` on the host")
    if held is not None and not held.gone(host.clock, _of(host, held)):
        raise PreconditionFailed(f"there is a {held}. Fix: wait until it is over")


def _of(host: Context, held: Lease) -> Journal | None:
    return host.journal(AppPaths(held.app, host.root))


def _take_over(host: Context, place: AppPaths, deploy_id: str) -> None:
    """Revert what is open here and no longer held; print that."""
    held = lease.read(place)
    if held is not None and held.id != deploy_id:
        gone = held.gone(host.clock, _of(host, held)) or "it is no longer held"
        print(f"took over from the {held}: {gone}")
        _revert(host, AppPaths(held.app, host.root), gone)
        lease.free(place, held.id)
    _revert(host, place, "it was left open")


def _revert(host: Context, place: AppPaths, reason: str) -> None:
    journal = host.journal(place)
    if journal is None:
        return
    # It is most of this program, and is seldom wanted.
    from . import transitions

    code = transitions.revert(host, place, reason)
    if code not in (DONE, REVERTED, INCOMPLETE) or host.journal(place) is not None:
        raise CommandFailed(
            f"deploy {journal.id} of {place.app} was left open, and can't be reverted"
        )
    ended = {DONE: "finished", INCOMPLETE: "did not wholly revert"}.get(code, "reverted")
    print(f"{ended} deploy {journal.id} of {place.app}: {reason}")


def _open(host: Context, place: AppPaths, facts: BeginRequest) -> Journal:
    holder, since = session() if facts.get("held") else None, host.clock.iso()
    ours = Lease(
        facts["id"], place.app, facts["who"], facts["what"], since, holder,
        host.clock.moment(), facts["ttl"],
    )  # fmt: skip
    atomic_files.folder(place.own)
    ours.write(place)
    before = {"active": read_pointer(place), "current": _leads(place)}
    known = {name: value for name, value in facts.items() if name not in ("basis", "held")}
    first = {**known, "since": since, "holder": holder and holder._asdict(), "before": before}
    return Journal.open(place, host.clock, first)


def _leads(place: AppPaths) -> str | None:
    try:
        return os.readlink(place.current)  # noqa: PTH115 - a Path would tidy it up
    except OSError:
        return None
