"""The goal of a rollback: the generation that it leads to, and whether it may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..protocol import VERSION
from ..slots.pointer import Pointer
from ..snapshots import generations
from ..snapshots.entry import SnapshotError
from ..snapshots.generations import Generation
from ..snapshots.images import Image
from ..system.exit_codes import PreconditionFailed
from ..system.paths import AppPaths
from ..system.records import decode

LEAST = 4
"""Characters of a name that are enough, if no other begins with them."""


def choose(place: AppPaths, name: str | None, *, force: bool = False) -> Generation:
    """Return the generation of that name, or the one before the active one. Raises
    PreconditionFailed."""
    pointer, candidates = Pointer.read(place), generations.read_all(place)
    if pointer is None:
        raise PreconditionFailed(
            f"nothing of {place.app} was ever confirmed here: there is no way back"
        )
    unread = sorted(set(generations.names(place)) - {each.gid for each in candidates})
    if unread and (name is None or name in unread):
        raise PreconditionFailed(
            f"generation {', '.join(unread)} can't be read, and may be the one to go back to."
            " Fix: name another one"
        )
    marks = generations.marks(place)
    goal = _named(candidates, name) if name else _before(candidates, pointer, marks)
    if goal is None:
        known = ", ".join(each.gid for each in candidates if each.gid != pointer.generation)
        wanted = repr(name) if name else "before it that was good"
        raise PreconditionFailed(
            f"{place.app} has no generation {wanted}; kept are: {known or 'none'}"
        )
    if goal.gid == pointer.generation:
        raise PreconditionFailed(f"generation {goal.gid} is what {place.app} runs already")
    if not place.at(goal.release).is_dir() or not place.at(goal.release).joinpath("venv").exists():
        raise PreconditionFailed(
            f"the release of generation {goal.gid}, {goal.release}, isn't whole any more"
        )
    if force:
        return goal
    if mark := marks.get(goal.gid):
        why = f"{mark.get('reason')} ({mark.get('when')})"
        raise PreconditionFailed(
            f"generation {goal.gid} is marked bad: {why}. Fix: --force, if you must"
        )
    if not goal.good:
        raise PreconditionFailed(
            f"generation {goal.gid} was never confirmed. Fix: --force, if you must"
        )
    if goal.data < pointer.data:
        raise PreconditionFailed(
            f"generation {goal.gid} is for version {goal.data} of the data, and"
            f" {place.app} has had version {pointer.data}. Fix: --force, if it can run with that"
        )
    return goal


def verify(place: AppPaths, goal: Generation) -> list[Image]:
    """Return the images of a generation.

    Raises PreconditionFailed if any is damaged, VersionError if a newer homeport described it.
    """
    try:
        images = generations.verify(place, goal.gid)
    except SnapshotError as wrong:
        raise PreconditionFailed(f"{wrong}. Fix: name another generation, or deploy") from None
    for image in images:
        if place.at(image.path) == place.processes:
            decode(image.content, f"{image.path} of generation {goal.gid}", VERSION)
    return images


def _named(generations: Sequence[Generation], name: str) -> Generation | None:
    """Return the last that has this name or release, or is the only one that begins with it."""
    short = name.rpartition("/")[2]
    exact = [
        each
        for each in generations
        if short in (each.gid, each.release.rpartition("/")[2], *each.formerly)
    ]
    begun = [each for each in generations if each.gid.startswith(name) and len(name) >= LEAST]
    return exact[-1] if exact else begun[0] if len(begun) == 1 else None


def _before(
    generations: Sequence[Generation], pointer: Pointer, marks: Mapping[str, object]
) -> Generation | None:
    now = next((each.number for each in generations if each.gid == pointer.generation), 0)
    good = [each for each in generations if each.good and each.gid not in marks]
    return next((each for each in reversed(good) if not now or each.number < now), None)
