"""A rollback: the files of a generation that was good are wanted again, and the machine goes on.

It needs nothing but this host: not the controller that made what is gone back to.
"""

from __future__ import annotations

import io
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..protocol import ARMED, ROLLBACK, UNITS, VERSION, WRITING, idle_slot
from ..slots import slots
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..snapshots import generations, secret_values, snapshot
from ..snapshots.entry import SnapshotError, is_unit
from ..snapshots.generations import Generation
from ..snapshots.images import Image
from ..system import atomic_files
from ..system.exit_codes import DONE, PreconditionFailed, Usage
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..system.records import decode
from ..system.systemd import UnitFailed
from ..transaction.journal import Journal
from ..transaction.states import advance
from .activation import Activation, Request
from .app_context import AppContext
from .begin import begin
from .context import Context, person
from .transitions import DETACHED, attempt, commit, detach, require

FLAGS = {"--force": "force", "--old-secrets": "old_secrets", "--dry": "dry"}

CONFIRM = "--confirm"
"""For our own call: the program confirms this rollback itself."""

PATIENCE = 3.0
"""Seconds in which a slot that still runs has to answer, or it is treated like any other."""

LEAST = 4
"""Characters of a name that are enough, if no other begins with them."""


@dataclass(frozen=True)
class RollbackRequest:
    """The request for a rollback.

    + deploy_id: a controller's name for it, who will confirm it
    + user: who asks, if that isn't who is logged in here
    + old_secrets: whether the secrets are to be those of then, too
    + dry: whether only to say what would be done
    + detached: whether we run in a unit of our own already
    """

    app: str
    name: str | None = None
    force: bool = False
    old_secrets: bool = False
    dry: bool = False
    deploy_id: str | None = None
    user: str | None = None
    detached: bool = False
    confirm: bool = False

    @classmethod
    def of(cls, args: Sequence[str]) -> RollbackRequest:
        """Return what a command line asks for. Raises Usage."""
        words: list[str] = []
        wish, left = cls(""), iter(args)
        for word in left:
            if word == "--deploy-id":
                wish = replace(wish, deploy_id=next(left, ""))
            elif word == "--user":
                wish = replace(wish, user=next(left, ""))
            elif word in FLAGS:
                flag: Any = {FLAGS[word]: True}
                wish = replace(wish, **flag)
            elif word in (DETACHED, CONFIRM):
                wish = replace(wish, detached=True, confirm=wish.confirm or word == CONFIRM)
            else:
                words.append(word)
        if (
            not 1 <= len(words) <= 2
            or wish.deploy_id == ""
            or any(w.startswith("-") for w in words)
        ):
            raise Usage(
                "usage: homeportctl rollback APP [RELEASE|GENERATION] [--force] [--old-secrets]"
                " [--dry] [--deploy-id ID] [--user USER]"
            )
        return replace(wish, app=words[0], name=words[1] if words[1:] else None)


def rollback(host: Context, args: list[str]) -> int:
    """Roll back to what was good: the verb ``rollback APP [NAME]``.

    Returns DONE, or the exit code of the reversion. Raises PreconditionFailed, Usage.
    """
    wish = RollbackRequest.of(args)
    place = host.place(wish.app)
    goal = choose(place, wish.name, force=wish.force)
    images = verify(place, goal)
    other = secret_values.differing(place, images)
    if wish.dry:
        print("\n".join(planned(goal, other, wish)))
        return DONE
    if not wish.detached:
        made = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(host.clock.wall()))}-"
        deploy_id = wish.deploy_id or made + secrets.token_hex(4)
        request = {
            "id": deploy_id,
            "who": wish.user or person(),
            "what": ROLLBACK,
            "commit": goal.commit,
        }
        begin(host._replace(stdin=io.StringIO(json.dumps(request))), [wish.app])
        print("\n".join(planned(goal, other, wish)), flush=True)
        with exclusive(place):
            # A slot that still runs has the secrets of then.
            if wish.old_secrets or not other:
                switch_if_running(AppContext(host, place), goal)
        words = [ROLLBACK, wish.app, goal.gid, "--force", "--deploy-id", deploy_id]
        words += ["--old-secrets"] if wish.old_secrets else []
        detach(host, place, words if wish.deploy_id else [*words, CONFIRM])
    with exclusive(place):
        journal = require(host, place, wish.deploy_id or "", (ARMED,))
        tools = AppContext(host, place)
        code = attempt(tools, journal, lambda: go_back(tools, journal, goal, wish.old_secrets))
        if code == DONE and wish.confirm:
            code = attempt(tools, journal, lambda: commit(tools, journal))
        return code


def planned(goal: Generation, other: Sequence[str], wish: RollbackRequest) -> Iterator[str]:
    """Yield what a rollback does: where it leads, and what becomes of secrets that differ."""
    yield f"generation {goal.gid}, release {goal.release.rpartition('/')[2]}"
    taken = "the old one is taken" if wish.old_secrets else "today's is taken"
    yield from (f"secret {name} differs: {taken}" for name in other)


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


def go_back(
    tools: AppContext, journal: Journal, goal: Generation, old_secrets: bool = False
) -> None:
    """Put the files of a generation in their places, and switch to them. Raises CommandFailed.

    Its secrets are those that the host has now, unless the old ones are wanted.
    """
    place, root = tools.place, tools.place.root
    images = generations.verify(place, goal.gid)
    if not old_secrets:
        images, left = secret_values.replaced(place, images, secret_values.of_host(place))
        for each in left:
            tools.say(f"secret {each} is too short to be known there: it is as it was then")
    then = [image.path for image in images]
    now = _paths_now(place)
    snapshot.keep(place.snapshot, [*now, *then], tools.commands, root)
    advance(journal, WRITING, goal=goal.gid, index=snapshot.seal(place.snapshot)._asdict())
    leaving = sorted(set(now) - set(then), reverse=True)
    _leave(tools, leaving)
    changed = {*leaving, *snapshot.put_back(images, tools.commands, root)}
    _require(place, images)
    tools.proxy(changed)
    runs = AppSpec.read(place.processes)
    singles = [single.unit for single in runs.singles.values()]
    timers = [unit for unit in runs.timers if f"{UNITS}/{unit}" in changed]
    restart = tuple(singles + timers)
    request = Request(bool(runs.slots), restart, enable=tuple(runs.lone), back=True)
    Activation(tools, journal, request).run()


def _paths_now(place: AppPaths) -> list[str]:
    """Return what is managed now: as it was confirmed, since a ledger may be damaged."""
    pointer, listed = Pointer.read(place), generations.paths(place)
    try:
        confirmed = generations.verify(place, pointer.generation if pointer else "")
    except SnapshotError:
        return listed
    return [image.path for image in confirmed]


def _require(place: AppPaths, images: Sequence[Image]) -> None:
    """Raise SnapshotError unless all that is managed is as these images, and nothing else is."""
    wrong = snapshot.differing(images, place.root)
    if not wrong and generations.name(place) != generations.name_of_images(place, images):
        wrong = ["what its ledgers name"]
    if wrong:
        raise SnapshotError(f"not as it is kept, after it was put back: {', '.join(wrong)}")


def switch_if_running(tools: AppContext, goal: Generation) -> None:
    """Switch at once if what is gone back to still runs: it needs none of the files.

    The way back from here is that of any deploy that is open.
    """
    place, pointer = tools.place, Pointer.read(tools.place)
    slot = idle_slot(pointer.slot) if pointer and pointer.slot else None
    if not slot or not pointer or slots.generation(place, slot) != goal.gid:
        return
    runs = slots.slot_spec(place, slot)
    if runs.slots and tools.systemd.active(runs.units(slot)):
        try:
            # It was judged when it began, and a rollback is urgent.
            once = [replace(gate, deadline=PATIENCE, successes=1) for gate in runs.gates(slot)]
            tools.gates.ready(once)
        except UnitFailed:
            return  # it has more time, and is asked what it knows, when its files are there
        slots.switch(place, runs, slot, pointer.slot or slot)
        tools.say(f"slot {slot} serves")


def _leave(tools: AppContext, paths: Sequence[str]) -> None:
    units = [Path(path).name for path in paths if is_unit(path)]
    tools.systemd.stop(units)
    tools.systemd.disable(units)
    for path in map(tools.place.at, paths):
        if not path.is_dir() or path.is_symlink():
            atomic_files.remove(path)
        elif not any(path.iterdir()):
            path.rmdir()
