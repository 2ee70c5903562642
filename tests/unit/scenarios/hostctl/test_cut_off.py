"""Wherever a deploy is cut off, the host runs one whole release in the end, by itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeport.hostctl.system.atomic_files import records
from homeport.hostctl.verbs import transitions
from tests.support.killed_program import killed, points
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, Version


def deadman(shop: Shop) -> None:
    """End as the dead-man does when the connection is gone."""
    transitions.revert(shop.host(), shop.place, "its connection was gone")


def reboot(shop: Shop) -> None:
    """End as a host does that has lost its power."""
    shop.reboot()


def next_deploy(shop: Shop) -> None:
    """End as the next one does that finds what was left."""
    shop.clock.passed += 1000  # the lease is over
    assert shop.run("revert", APP, shop.begin("next"), "it was only to look") == 0


ENDINGS = [deadman, reboot, next_deploy]

ONCE = Version("v2", "keen", once="shop-once")
NO_SINGLES = Version("v1", singles=False), Version("v2", "keen", singles=False)
NO_SLOTS = Version("v1", slots=False), Version("v2", "keen", slots=False)
STORIES: dict[str, tuple[Version | None, Version, str]] = {
    "the first deploy": (None, OLD, ""),
    "the first deploy, which fails": (None, OLD, "deaf"),
    "a release that crashes": (OLD, NEW, "crashes"),
    "a release that falls in its soak": (OLD, NEW, "falls"),
    "a worker that crashes": (OLD, NEW, "hurts"),
    "something that runs once": (OLD, ONCE, ""),
    "something that runs once, and fails": (OLD, ONCE, "fails once"),
    "slots alone": (*NO_SINGLES, ""),
    "no slots": (*NO_SLOTS, ""),
    "no slots, and it fails": (*NO_SLOTS, "hurts"),
    "the last slot's process goes": (OLD, NO_SLOTS[1], ""),
    "the first slot's process comes": (NO_SLOTS[0], NEW, ""),
    "the worker goes": (OLD, NO_SINGLES[1], ""),
    "the worker goes, and it fails": (OLD, NO_SINGLES[1], "deaf"),
    "a setting": (OLD, Version("v1", "keen"), ""),
}


def last(shop: Shop) -> tuple[object, bool]:
    """Return the id of the deploy that came last, and whether it is confirmed: then it stays."""
    lines = records(shop.place.journal) or records(shop.place.last_journal) or [{}]
    return lines[0].get("id"), any(line.get("state") == "confirmed" for line in lines)


def survive(
    start: Shop,
    folder: Path,
    work: Callable[[Shop], object],
    versions: tuple[Version | None, Version | None],
    at: int,
    ending: Callable[[Shop], None],
) -> bool:
    """Insist that work that is killed before a step ends whole; return whether as the new one."""
    trial = killed(start, folder, work, at)
    began, is_new = last(trial)
    is_new = is_new and began != last(start)[0]
    ending(trial)
    trial.settle()
    trial.whole(versions[is_new])
    shutil.rmtree(folder)
    return is_new


def deploying(wanted: Version) -> Callable[[Shop], object]:
    """Return what deploys a version, whatever becomes of it."""
    return lambda shop: shop.deploy(wanted)


@pytest.mark.parametrize("ending", [deadman, reboot])
def test_a_deploy_killed_before_any_of_its_steps_leaves_one_whole_release(
    shop: Shop, folder: Path, ending: Callable[[Shop], None]
) -> None:
    work, seen = deploying(NEW), set()
    named = points(shop, folder / "all", work)
    assert len(named) > 60
    for at, name in enumerate(named, 1):
        with noting(f"killed before step {at}, {name}"):
            seen.add(survive(shop, folder / str(at), work, (OLD, NEW), at, ending))
    assert seen == {True, False}


@pytest.mark.parametrize("story", STORIES)
def test_so_does_any_other_deploy(empty: Shop, folder: Path, story: str) -> None:
    old, new, manner = STORIES[story]
    if old is not None:
        assert empty.deploy(old) == 0
        empty.settle()
    empty.systemd.manners[f"{new.code} {new.setting}"] = manner
    work = deploying(new)
    named = points(empty, folder / "all", work)
    # Every fourth step, others for each story, and the endings by turns.
    first = list(STORIES).index(story) % 4
    for at in range(1 + first, len(named) + 1, 4):
        ending = ENDINGS[at // 4 % 3]
        with noting(f"killed before step {at}, {named[at - 1]}; then {ending.__name__}"):
            is_new = survive(empty, folder / str(at), work, (old, new), at, ending)
            assert not (is_new and manner)


@pytest.mark.parametrize("still_runs", [True, False])
def test_so_does_a_rollback(shop: Shop, folder: Path, still_runs: bool) -> None:
    assert shop.deploy(NEW) == 0
    if not still_runs:
        shop.settle()
    named = points(shop, folder / "all", Shop.back)
    for at in range(1, len(named) + 1, 2):
        ending = ENDINGS[at // 2 % 3]
        with noting(f"killed before step {at}, {named[at - 1]}; then {ending.__name__}"):
            survive(shop, folder / str(at), Shop.back, (NEW, OLD), at, ending)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_reversion_that_is_killed_itself_is_done_again(
    shop: Shop, folder: Path, data: st.DataObject
) -> None:
    folder = Path(mkdtemp(dir=folder))
    ending = data.draw(st.sampled_from(ENDINGS))
    again = reboot if ending is reboot else data.draw(st.sampled_from(ENDINGS))
    count = len(points(shop, folder / "all", deploying(NEW)))
    trial = killed(shop, folder / "once", deploying(NEW), data.draw(st.integers(1, count)))
    began, is_new = last(trial)
    is_new = is_new and began != last(shop)[0]
    steps = points(trial, folder / "ended", ending)
    if steps:
        trial = killed(trial, folder / "twice", ending, data.draw(st.integers(1, len(steps))))
    again(trial)
    trial.settle()
    trial.whole(NEW if is_new else OLD)


@pytest.mark.parametrize("ending", [reboot, next_deploy])
def test_clearing_up_that_is_killed_is_done_after_all(
    shop: Shop, folder: Path, ending: Callable[[Shop], None]
) -> None:
    assert shop.deploy(NEW) == 0
    named = points(shop, folder / "all", Shop.settle)
    for at, name in enumerate(named, 1):
        with noting(f"killed before step {at}, {name}"):
            survive(shop, folder / str(at), Shop.settle, (NEW, NEW), at, ending)


@contextmanager
def noting(what: str) -> Iterator[None]:
    """Have an error say what it came of."""
    try:
        yield
    except BaseException as wrong:
        wrong.add_note(what)
        raise
