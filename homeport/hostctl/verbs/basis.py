"""The basis of a plan: the state of the host that it was made for, and what has moved since then.

A lease is the host's, and so is what applications share: packages, accounts, ports, the proxy. So
a plan is based on the last deploy of each of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..slots.pointer import read_pointer
from ..system.exit_codes import PreconditionFailed, Usage
from ..system.paths import AppPaths
from ..transaction import history
from .context import APP, Context

if TYPE_CHECKING:
    from ..shapes import Basis, HistoryRecord
    from ..snapshots.generations import Generation

NEWER = "{}, after this plan was made. Fix: run it again, for a plan of what is there now"


def parse(text: str) -> Basis:
    """Return a basis from one word of a command line. Raises Usage."""
    try:
        found: Basis = require_basis(json.loads(text))
    except (ValueError, RecursionError):
        raise Usage(f"{text!r:.60} is no basis: an object of JSON is wanted") from None
    return found


def require_basis(found: object) -> Any:
    """Return what was read as a basis. Raises Usage if it can be none."""
    others = found.get("others", {}) if isinstance(found, dict) else {}
    if not isinstance(found, dict | None) or not isinstance(others, dict):
        raise Usage(f"{found!r:.60} is no basis: an object is wanted")
    return found


def current(host: Context, place: AppPaths) -> Basis:
    """Return the basis of a plan that is made now."""
    return {
        "boot": host.clock.boot(),
        "last": next((each.get("id") for each in history.read(place, 1)), None),
        "generation": (read_pointer(place) or {}).get("generation"),
        "others": _others(place),
    }


def of_goal(goal: Generation) -> Basis:
    """Return what a plan that leads to a generation is based on besides: its name and digest."""
    return {"goal": goal.gid, "digest": _digest(goal)}


def require_unmoved(host: Context, place: AppPaths, basis: Basis | None) -> None:
    """Raise PreconditionFailed if the host isn't what the plan was made for."""
    if basis is not None and (moved := _moved(host, place, basis)):
        raise PreconditionFailed(NEWER.format(moved))


def require_goal(place: AppPaths, goal: Generation, basis: Basis | None) -> None:
    """Raise PreconditionFailed if a plan that leads somewhere now leads to this generation."""
    if basis is None or of_goal(goal) == {name: basis.get(name) for name in ("goal", "digest")}:
        return
    raise PreconditionFailed(
        NEWER.format(
            f"{place.app} would go to generation {goal.gid} ({_digest(goal)}), in place of"
            f" {basis.get('goal')} ({basis.get('digest')})"
        )
    )


def _moved(host: Context, place: AppPaths, basis: Basis) -> str | None:
    """Return what has changed since that state was found: what, when, and by whom if known."""
    last = next(iter(history.read(place, 1)), None)
    if last is not None and last.get("id") != basis.get("last"):
        return _ended(place)
    serving = (read_pointer(place) or {}).get("generation")
    if serving != basis.get("generation"):
        return f"generation {serving} serves {place.app}, in place of {basis.get('generation')}"
    known, now = basis.get("others"), _others(place)
    if known is not None and (moved := _differing(known, now)):
        return _ended(AppPaths(moved, place.root)) if moved in now else f"{moved} left this host"
    if host.clock.boot() != basis.get("boot"):
        return "the host was started anew"
    lacks = [path for path in basis.get("paths", ()) if not os.path.lexists(place.at(path))]
    return f"{', '.join(lacks)} was removed" if lacks else None


def _differing(known: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    return next((app for app in sorted({*known, *now}) if known.get(app) != now.get(app)), None)


def _others(place: AppPaths) -> dict[str, str]:
    apps = (app for app in place.apps() if app != place.app and APP.fullmatch(app))
    others = (AppPaths(app, place.root) for app in apps)
    found = {other.app: history.last_id(history.tail(other)) for other in others}
    return {app: last for app, last in found.items() if last}


def _ended(place: AppPaths) -> str:
    nothing: HistoryRecord = {}
    last = next(iter(history.read(place, 1)), nothing)
    what, who, outcome, when = (
        " ".join(str(last.get(name, "unknown")).split())
        for name in ("what", "who", "outcome", "when")
    )
    return f"the {what} of {place.app} by {who} was {outcome} at {when}"


def _digest(goal: Generation) -> str:
    return str((goal.index or {}).get("digest", "unknown"))
