"""What the releases' benchmark says of its samples is what they say."""

from __future__ import annotations

from pathlib import Path
from stat import S_IFREG

import pytest

from benchmarks.disk_writes import added
from benchmarks.load.campaign import by_place, stages
from benchmarks.load.figures import figures, is_near, spread, switches
from benchmarks.load.samples import CUT, ECHO, GET, OPEN, POST, SLOW, Sample
from benchmarks.load.work import SAMPLE, TICKER, App, Work


def seen(due: float, release: str = "1", took: float = 0.1, **more: str) -> Sample:
    kind, wrong = more.get("kind", GET), more.get("wrong", "")
    return Sample(kind, True, due, 0.0, took, "" if wrong else release, wrong)


def run(*releases: str, step: float = 0.1) -> list[Sample]:
    return [seen(number * step, release) for number, release in enumerate(releases)]


def test_a_switch_is_where_another_release_answers_for_good() -> None:
    samples = run(*"1" * 20, *"2" * 20, *"1" * 20)
    assert [(each.due, each.release) for each in switches(samples)] == [(2.0, "2"), (4.0, "1")]


def test_answers_that_overtake_each_other_are_one_switch() -> None:
    samples = run(*"1" * 20, "2", "1", "2", *"2" * 20)
    assert [(each.due, each.release) for each in switches(samples)] == [(2.2, "2")]


@pytest.mark.parametrize("kind", [SLOW, ECHO])
def test_what_was_begun_before_a_switch_and_answered_after_it_is_none(kind: str) -> None:
    late = [Sample(kind, False, 3.05, 0, 5, "1", "")]
    samples = sorted([*run(*"1" * 20, *"2" * 20), *late], key=lambda each: each.due)
    assert len(switches(samples)) == 1


def test_failures_are_counted_by_kind_and_reason_and_a_cut_is_none() -> None:
    samples = [*run(*"1" * 10), seen(0.5, kind=POST, wrong="status 502"), seen(0.6, "", kind=CUT)]
    found = figures(samples)
    assert (found.failures, dict(found.failed)) == (1, {"post: status 502": 1})
    assert found.cut == 1
    assert dict(found.sent) == {GET: 10, POST: 1}


def test_times_near_a_switch_are_told_apart() -> None:
    slow = [seen(2.05, "2", took=9.0), seen(3.55, "2", took=4.0)]
    found = figures([*run(*"1" * 20, *"2" * 20), *slow])
    assert (found.near.most, found.far.most) == (9.0, 4.0)
    assert found.near.requests + found.far.requests == 42


def test_a_request_that_failed_counts_with_the_time_it_took() -> None:
    found = figures([*run(*"1" * 20, *"2" * 20), seen(2.5, took=20.0, wrong="TimeoutError")])
    assert found.near.most == 20.0


def test_only_reopening_a_websocket_is_timed() -> None:
    opened = [seen(0.0, took=3.0, kind=OPEN), seen(2.0, took=0.2, kind=OPEN)]
    assert figures(opened).reopened == 0.2


def test_near_is_within_a_second() -> None:
    assert [is_near(at, [5.0, 9.0]) for at in (3.9, 4.0, 6.0, 6.1, 10.0)] == [
        *(False, True, True, False, True)
    ]


def test_a_spread_has_what_half_and_nearly_all_stay_within() -> None:
    found = spread([n / 100 for n in range(1, 101)])
    assert (found.requests, found.p50, found.p99, found.most) == (100, 0.5, 1.0, 1.0)
    assert spread([]).requests == 0


def test_stages_are_medians() -> None:
    records = [{"stages": {"ready": seconds}} for seconds in (1.0, 5.0, 2.0)]
    assert stages(records) == {"ready": 2.0}


def test_bytes_are_told_by_what_they_are() -> None:
    left = {
        "/srv/ticker/releases/1/source/x/web.py": 5,
        "/srv/ticker/releases/1/source/x/__pycache__/web.pyc": 7,
        "/srv/ticker/slots/a/etc/health.yml": 3,
        "/etc/systemd/system/x.service": 2,
        "/var/lib/homeport/ticker/history": 4,
        "/var/lib/pinboard/notes.db": 1000,
        "/root/y": 1,
    }
    told = {"code": 5, "compiled": 7, "slot": 3, "described": 2, "kept": 4, "else": 1}
    assert by_place("ticker", left) == told


def test_a_file_that_is_written_on_counts_by_what_was_added() -> None:
    before = {"/log": (1, 1, 1, S_IFREG, 100), "/new": (2, 1, 1, S_IFREG, 100)}
    after = {"/log": (1, 2, 2, S_IFREG, 130), "/new": (3, 2, 2, S_IFREG, 130)}
    assert added(before, after) == {"/log": 30, "/new": 130}


def test_one_more_name_of_a_file_adds_nothing_unless_it_was_written() -> None:
    before = {"/one": (1, 1, 1, S_IFREG, 100), "/two": (2, 1, 1, S_IFREG, 100)}
    after = {
        "/one": (1, 1, 2, S_IFREG, 100), "/more": (1, 1, 2, S_IFREG, 100),
        "/two": (2, 2, 2, S_IFREG, 100), "/again": (2, 2, 2, S_IFREG, 100),
    }  # fmt: skip
    assert added(before, after) == {"/one": 0, "/more": 0, "/two": 100, "/again": 100}


@pytest.mark.parametrize("app", [TICKER, SAMPLE], ids=lambda app: str(app.name))
def test_another_release_differs_in_its_text_alone(app: App, tmp_path: Path) -> None:
    work = Work(tmp_path / "work", app)
    before = {file: file.read_text() for file in work.folder.rglob("*.py")}
    work.release("seven")
    changed = {file: file.read_text() for file in before if file.read_text() != before[file]}
    assert [file.name for file in changed] == ["__init__.py"]
    assert all('"seven"' in text for text in changed.values())


def test_a_release_that_dies_says_when(tmp_path: Path) -> None:
    work = Work(tmp_path / "work")
    work.release("bad", crash=1.0)
    assert "CRASH = 1.0" in (work.folder / "source/ticker/__init__.py").read_text()
    work.release("good")
    assert "CRASH = None" in (work.folder / "source/ticker/__init__.py").read_text()
