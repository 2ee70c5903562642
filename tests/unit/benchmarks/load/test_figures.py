"""What the releases' benchmark says of its samples is what they say."""

from __future__ import annotations

import pytest

from benchmarks.load.figures import figures, is_near, spread, switches
from benchmarks.load.samples import CUT, ECHO, GET, OPEN, POST, SLOW, Sample


def seen(due: float, release: str = "1", took: float = 0.1, **more: str) -> Sample:
    kind, wrong = more.get("kind", GET), more.get("wrong", "")
    return Sample(kind, True, due, 0.0, took, "" if wrong else release, wrong)


def run(*releases: str, step: float = 0.1) -> list[Sample]:
    return [seen(number * step, release) for number, release in enumerate(releases)]


def test_figures__a_switch_is_where_another_release_answers_for_good() -> None:
    samples = run(*"1" * 20, *"2" * 20, *"1" * 20)
    assert [(each.due, each.release) for each in switches(samples)] == [(2.0, "2"), (4.0, "1")]


def test_figures__answers_that_overtake_each_other_are_one_switch() -> None:
    samples = run(*"1" * 20, "2", "1", "2", *"2" * 20)
    assert [(each.due, each.release) for each in switches(samples)] == [(2.2, "2")]


@pytest.mark.parametrize("kind", [SLOW, ECHO])
def test_figures__what_was_begun_before_a_switch_and_answered_after_it_is_none(kind: str) -> None:
    late = [Sample(kind, False, 3.05, 0, 5, "1", "")]
    samples = sorted([*run(*"1" * 20, *"2" * 20), *late], key=lambda each: each.due)
    assert len(switches(samples)) == 1


def test_figures__failures_are_counted_by_kind_and_reason_and_a_cut_is_none() -> None:
    samples = [*run(*"1" * 10), seen(0.5, kind=POST, wrong="status 502"), seen(0.6, "", kind=CUT)]
    found = figures(samples)
    assert (found.failures, dict(found.failed)) == (1, {"post: status 502": 1})
    assert found.cut == 1
    assert dict(found.sent) == {GET: 10, POST: 1}


def test_figures__times_near_a_switch_are_told_apart() -> None:
    slow = [seen(2.05, "2", took=9.0), seen(3.55, "2", took=4.0)]
    found = figures([*run(*"1" * 20, *"2" * 20), *slow])
    assert (found.near.most, found.far.most) == (9.0, 4.0)
    assert found.near.requests + found.far.requests == 42


def test_figures__a_request_that_failed_counts_with_the_time_it_took() -> None:
    found = figures([*run(*"1" * 20, *"2" * 20), seen(2.5, took=20.0, wrong="TimeoutError")])
    assert found.near.most == 20.0


def test_figures__only_reopening_a_websocket_is_timed() -> None:
    opened = [seen(0.0, took=3.0, kind=OPEN), seen(2.0, took=0.2, kind=OPEN)]
    assert figures(opened).reopened == 0.2


def test_figures__near_is_within_a_second() -> None:
    assert [is_near(at, [5.0, 9.0]) for at in (3.9, 4.0, 6.0, 6.1, 10.0)] == [
        *(False, True, True, False, True)
    ]


def test_figures__a_spread_has_what_half_and_nearly_all_stay_within() -> None:
    found = spread([n / 100 for n in range(1, 101)])
    assert (found.requests, found.p50, found.p99, found.most) == (100, 0.5, 1.0, 1.0)
    assert spread([]).requests == 0
