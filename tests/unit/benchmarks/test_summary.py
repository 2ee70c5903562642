"""Ratios are of runs made side by side, and aims are judged by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.page import chart, lines
from benchmarks.summary import Ratio, cells
from benchmarks.targets import judged


def run(contender: str, number: int, wall: float, **other: Any) -> dict[str, Any]:
    known = {"situation": "no-op", "architecture": "amd64", "hosts": 1, "rtt": 0.0}
    return {
        **known,
        "contender": contender,
        "round": number,
        "wall": wall,
        "cpu": wall / 2,
        "memory": 2**20,
        **other,
    }


def rounds(contender: str, *walls: float, **other: Any) -> Iterator[dict[str, Any]]:
    return (run(contender, number, wall, **other) for number, wall in enumerate(walls))


COUNTS = [
    {"situation": "no-op", "contender": "homeport", "files": 0},
    {"situation": "no-op", "contender": "floor", "files": 0},
]


def test_a_ratio_is_of_pairs_and_not_of_medians() -> None:
    runs = [*rounds("homeport", 1, 2, 4), *rounds("ansible", 30, 40, 40)]
    (cell,) = cells(runs)
    row = cell.row("ansible")
    assert row is not None
    assert (row.wall, row.ratio) == (40, Ratio(20, 10, 30))


def test_the_floor_is_what_ours_is_measured_in() -> None:
    (cell,) = cells([*rounds("homeport", 3, 3), *rounds("floor", 2, 2)])
    row = cell.row("floor")
    assert row is not None
    assert row.ratio == Ratio(1.5, 1.5, 1.5)


def test_runs_of_different_places_do_not_mix() -> None:
    near, far = rounds("homeport", 1), rounds("homeport", 2, rtt=0.05)
    many = rounds("homeport", 3, hosts=10)
    assert [cell.rows[0].wall for cell in cells([*near, *far, *many])] == [1, 2, 3]


def test_who_took_no_part_has_no_row() -> None:
    (cell,) = cells(rounds("homeport", 1))
    assert cell.row("mitogen") is None
    assert cell.rows[0].ratio is None


@pytest.mark.parametrize(
    ("floor", "reached"), [(1.0, "yes"), (0.9, "yes"), (0.8, "not with 1"), (0.2, "not with 1")]
)
def test_an_aim_that_is_missed_says_where(floor: float, reached: str) -> None:
    found = list(cells([*rounds("homeport", 1.08), *rounds("floor", floor)]))
    assert next(judged(found, COUNTS))["reached"] == reached


def test_an_aim_is_missed_by_one_place_alone() -> None:
    near = [*rounds("homeport", 1), *rounds("ansible", 20)]
    far = [*rounds("homeport", 1, rtt=0.05), *rounds("ansible", 10, rtt=0.05)]
    aims = {row["aim"]: row for row in judged(list(cells([*near, *far])), COUNTS)}
    row = aims["Ansible, times a no-op"]
    assert row["measured"] == "20.00 (1), 10.00 (1 at 50 ms)"
    assert row["reached"] == "not with 1 at 50 ms"


def test_a_file_that_a_no_op_writes_misses_the_aim() -> None:
    counts = [{**COUNTS[0], "files": 3}, COUNTS[1]]
    *_, row = judged(list(cells(rounds("homeport", 1))), counts)
    assert (row["measured"], row["reached"]) == ("3", "no")


def test_a_bar_is_as_long_as_what_it_shows() -> None:
    (cell,) = cells([*rounds("homeport", 1), *rounds("ansible", 2)])
    bars = [line.count("█") for line in chart(cell)]
    assert bars[-1] == 2 * bars[-2] > 0


def test_a_terminal_is_told_all_ratios() -> None:
    runs = [*rounds("homeport", 1), *rounds("floor", 0.8), *rounds("ansible", 20)]
    said = "".join(lines(cells(runs)))
    assert "homeport takes 1.25 (1.25 to 1.25) times" in said
    assert "takes homeport's 20.00 (20.00 to 20.00) times" in said
