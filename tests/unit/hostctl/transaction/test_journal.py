"""A deploy is open or it isn't, whenever the power is cut, and what it came to is written down."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.transaction.journal import Journal
from tests.support.disk_faults import cuts
from tests.support.rehearsed_host import APP, SetClock

FIRST = {"id": "d1", "who": "eve", "ttl": 900}


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    numbers = itertools.count()

    def made() -> Path:
        root = tmp_path / str(next(numbers))
        root.mkdir()
        return root

    return made


def load(root: Path) -> Journal | None:
    return Journal.load(AppPaths(APP, root), SetClock())


def begin(root: Path) -> Journal:
    return Journal.open(AppPaths(APP, root), SetClock(), FIRST)


def states(journal: Journal | None) -> list[str]:
    return [] if journal is None else [line["state"] for line in journal.lines]


def test_journal_is_opened_whole_or_not_at_all(fresh: Callable[[], Path]) -> None:
    found = set()
    for root in cuts(begin, fresh):
        journal = load(root)
        found.add(journal is None)
        if journal is None:
            journal = begin(root)
        assert (journal.id, journal.first["who"], states(journal)) == ("d1", "eve", ["armed"])
    assert found == {True, False}


def test_journal_never_takes_the_place_of_an_open_one(fresh: Callable[[], Path]) -> None:
    root = fresh()
    begin(root).note("writing")
    with pytest.raises(FileExistsError):
        begin(root)
    assert states(load(root)) == ["armed", "writing"]


def test_journal__a_state_is_reached_or_not_and_nothing_before_it_is_lost(
    fresh: Callable[[], Path],
) -> None:
    def ready() -> Path:
        root = fresh()
        begin(root).note("writing")
        return root

    def work(root: Path) -> None:
        journal = load(root)
        assert journal is not None
        journal.note("activating", slot="b")

    for root in cuts(work, ready):
        journal = load(root)
        assert journal is not None
        assert states(journal) in (["armed", "writing"], ["armed", "writing", "activating"])
        journal.note("reverting")
        assert states(load(root))[-1] == "reverting"


def test_journal__a_deploy_that_is_ended_is_open_or_was_the_last(fresh: Callable[[], Path]) -> None:
    def ready() -> Path:
        root = fresh()
        begin(root)
        (AppPaths(APP, root).snapshot).mkdir()
        return root

    def work(root: Path) -> None:
        journal = load(root)
        assert journal is not None
        journal.close()

    for root in cuts(work, ready):
        place = AppPaths(APP, root)
        assert place.journal.exists() != place.last_journal.exists()
        assert place.snapshot.exists() or not place.journal.exists()


def test_journal__nothing_is_noted_of_a_deploy_that_has_ended(fresh: Callable[[], Path]) -> None:
    root = fresh()
    journal = begin(root)
    journal.close()
    with pytest.raises(FileNotFoundError):
        journal.note("confirmed")
    assert load(root) is None


@pytest.mark.parametrize("content", [b"", b"\0" * 40, b'{"state"', b"[]\n"])
def test_journal_that_cannot_be_read_is_of_an_open_deploy_without_time(
    fresh: Callable[[], Path], content: bytes
) -> None:
    root = fresh()
    begin(root)
    AppPaths(APP, root).journal.write_bytes(content)
    journal = load(root)
    assert journal is not None
    assert (journal.id, journal.state, journal.remaining()) == ("", "armed", 0)


def test_journal__the_time_that_is_left_counts_from_the_last_line_and_not_through_a_reboot(
    fresh: Callable[[], Path],
) -> None:
    clock = SetClock()
    journal = Journal.open(AppPaths(APP, fresh()), clock, FIRST)
    clock.passed += 100
    assert journal.remaining() == 800
    journal.note("writing")
    clock.wall_time += 1e9
    assert journal.remaining() == 900
    clock.passed += 1000
    assert journal.remaining() == 0
    clock.reboot()
    assert journal.remaining() == 0


def test_journal__the_stages_say_how_long_each_state_took(fresh: Callable[[], Path]) -> None:
    clock = SetClock()
    journal = Journal.open(AppPaths(APP, fresh()), clock, FIRST)
    for state, seconds in (("writing", 1.5), ("writing", 2), ("activating", 0.25)):
        clock.passed += seconds
        journal.note(state)
    clock.reboot()
    journal.note("reverting")
    clock.passed += 3
    journal.note("reverted")
    assert journal.stages() == {"writing": 3.5, "activating": 0.25, "reverted": 3}


def test_journal__a_state_is_found_with_what_was_noted_of_it(fresh: Callable[[], Path]) -> None:
    journal = begin(fresh())
    journal.note("started", slot="a")
    journal.note("started", slot="b")
    journal.note("ready")
    found = journal.reached("started")
    assert found is not None
    assert found["slot"] == "b"
    assert journal.reached("switched") is None
