"""A rollback: what was good is wanted again, and this host goes back to it by itself."""

from __future__ import annotations

import io
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..protocol import ARMED, ROLLBACK
from ..snapshots import secret_values
from ..snapshots.generations import Generation
from ..system.exit_codes import DONE
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from . import basis
from .app_context import AppContext
from .begin import begin
from .context import Context, person
from .rollback_goal import choose, verify
from .rollback_request import CONFIRM, RollbackRequest
from .transitions import attempt, commit, detach, require
from .way_back import go_back, switch_if_running

if TYPE_CHECKING:
    from ..shapes import Basis, BeginRequest


def rollback(host: Context, args: list[str]) -> int:
    """Roll back to what was good: the verb ``rollback APP [NAME]``.

    Returns DONE, or the exit code of the reversion. Raises PreconditionFailed, Usage.
    """
    wish = RollbackRequest.of(args)
    place = host.place(wish.app)
    # It goes first: what is found after it may be newer, and never older.
    now: Basis = basis.current(host, place) if wish.dry else {}
    basis.require_unmoved(host, place, wish.basis)
    goal = choose(place, wish.name, force=wish.force)
    basis.require_goal(place, goal, wish.basis)
    other = secret_values.differing(place, verify(place, goal))
    plan = list(planned(goal, other, wish))
    if wish.dry:
        found = json.dumps({"plan": plan, "basis": {**now, **basis.of_goal(goal)}}, sort_keys=True)
        print(found if wish.as_json else "\n".join(plan))
        return DONE
    if not wish.detached:
        _begin(host, place, wish, goal, plan, bool(other))
    with exclusive(place):
        journal = require(host, place, wish.deploy_id or "", (ARMED,))
        tools = AppContext(host, place)
        code = attempt(tools, journal, lambda: go_back(tools, journal, goal, wish.old_secrets))
        if code == DONE and wish.confirm:
            code = attempt(tools, journal, lambda: commit(tools, journal))
        return code


def _begin(
    host: Context,
    place: AppPaths,
    wish: RollbackRequest,
    goal: Generation,
    plan: Sequence[str],
    differs: bool,
) -> None:
    """Begin, and go on as a unit of our own; ``differs`` says that a secret of then does."""
    made = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(host.clock.wall()))}-"
    deploy_id = wish.deploy_id or made + secrets.token_hex(4)
    request: BeginRequest = {
        "id": deploy_id,
        "who": wish.user or person(),
        "what": ROLLBACK,
        "commit": goal.commit,
        "held": wish.held,
        "basis": wish.basis,
    }
    begin(host._replace(stdin=io.StringIO(json.dumps(request))), [wish.app])
    print("\n".join(plan), flush=True)
    with exclusive(place):
        # A slot that still runs has the secrets of then.
        if wish.old_secrets or not differs:
            switch_if_running(AppContext(host, place), goal)
    words = [ROLLBACK, wish.app, goal.gid, "--force", "--deploy-id", deploy_id]
    words += ["--old-secrets"] if wish.old_secrets else []
    detach(host, place, words if wish.deploy_id else [*words, CONFIRM])


def planned(goal: Generation, other: Sequence[str], wish: RollbackRequest) -> Iterator[str]:
    """Yield what a rollback does: where it leads, and what becomes of secrets that differ."""
    yield f"generation {goal.gid}, release {goal.release.rpartition('/')[2]}"
    taken = "the old one is taken" if wish.old_secrets else "today's is taken"
    yield from (f"secret {name} differs: {taken}" for name in other)
