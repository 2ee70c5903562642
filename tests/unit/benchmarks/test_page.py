"""The page is made from what was measured: no figure in it is by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.page import MEASURED, PAGE, chart, lines, page
from benchmarks.plan import NEW, PI, WHOLE
from benchmarks.summary import cells
from tests.support.benchmark_rounds import rounds


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """Return what was measured last."""
    found: dict[str, Any] = json.loads(MEASURED.read_text())
    return found


def test_page_is_what_its_figures_make(measured: dict[str, Any]) -> None:
    assert PAGE.read_text() == page(measured), "run: python -m benchmarks.page"


def test_page__every_cell_of_the_plan_was_measured(measured: dict[str, Any]) -> None:
    found = {
        (run["situation"], run["hosts"], run["rtt"], run["architecture"] == "arm64")
        for run in measured["runs"]
        if run["contender"] == "homeport"
    }
    planned = {
        (cell.situation.name, len(cell.hosts), cell.rtt, cell.hosts == (PI,))
        for cell in (*NEW, *WHOLE)
    }
    assert found == planned


def test_page__ours_is_the_median_of_nearly_as_many_rounds_as_planned(
    measured: dict[str, Any],
) -> None:
    for cell in (*NEW, *WHOLE):
        rounds = [
            run["round"]
            for run in measured["runs"]
            if run["contender"] == "homeport"
            and run["situation"] == cell.situation.name
            and (run["hosts"], run["rtt"]) == (len(cell.hosts), cell.rtt)
            and (run["architecture"] == "arm64") == (cell.hosts == (PI,))
        ]
        # A round in which a host was not yet as the cell wants it is left out.
        assert len(set(rounds)) == len(rounds) >= min(cell.rounds, 4)


def test_page__another_figure_makes_another_page(measured: dict[str, Any]) -> None:
    first, *others = measured["runs"]
    assert page({**measured, "runs": [{**first, "wall": first["wall"] + 9}, *others]}) != page(
        measured
    )


def test_page__a_bar_is_as_long_as_what_it_shows() -> None:
    (cell,) = cells([*rounds("homeport", 1), *rounds("ansible", 2)])
    bars = [line.count("█") for line in chart(cell)]
    assert bars[-1] == 2 * bars[-2] > 0


def test_page__a_terminal_is_told_all_ratios() -> None:
    runs = [*rounds("homeport", 1), *rounds("floor", 0.8), *rounds("ansible", 20)]
    text = "".join(lines(cells(runs)))
    assert "homeport takes 1.25 (1.25 to 1.25) times" in text
    assert "takes homeport's 20.00 (20.00 to 20.00) times" in text
