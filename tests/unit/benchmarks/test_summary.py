"""Ratios are of runs made side by side, and aims are judged by them."""

from __future__ import annotations

from benchmarks.summary import Ratio, cells
from tests.support.benchmark_rounds import rounds


def test_summary__a_ratio_is_of_pairs_and_not_of_medians() -> None:
    runs = [*rounds("homeport", 1, 2, 4), *rounds("ansible", 30, 40, 40)]
    (cell,) = cells(runs)
    row = cell.row("ansible")
    assert row is not None
    assert (row.wall, row.ratio) == (40, Ratio(20, 10, 30))


def test_summary__the_floor_is_what_ours_is_measured_in() -> None:
    (cell,) = cells([*rounds("homeport", 3, 3), *rounds("floor", 2, 2)])
    row = cell.row("floor")
    assert row is not None
    assert row.ratio == Ratio(1.5, 1.5, 1.5)


def test_summary__runs_of_different_places_do_not_mix() -> None:
    near, far = rounds("homeport", 1), rounds("homeport", 2, rtt=0.05)
    many = rounds("homeport", 3, hosts=10)
    assert [cell.rows[0].wall for cell in cells([*near, *far, *many])] == [1, 2, 3]


def test_summary__who_took_no_part_has_no_row() -> None:
    (cell,) = cells(rounds("homeport", 1))
    assert cell.row("mitogen") is None
    assert cell.rows[0].ratio is None


def test_summary__any_two_that_took_part_have_a_ratio_of_the_same_rounds() -> None:
    (cell,) = cells([*rounds("floor", 1, 2, 4), *rounds("openssh", 3, 4)])
    assert cell.ratio("openssh", "floor") == Ratio(2.5, 2, 3)
    assert cell.ratio("openssh", "homeport") is None


def test_summary__floors_stand_first() -> None:
    names = ("floor", "openssh", "homeport", "pyinfra", "mitogen", "ansible")
    (cell,) = cells(run for name in sorted(names) for run in rounds(name, 1))
    assert tuple(row.contender for row in cell.rows) == names
