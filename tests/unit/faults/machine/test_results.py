from __future__ import annotations

import json
from pathlib import Path

from tests.faults.machine.results import Result, Results

WELL = Result(2, "a deploy", "Units", "4 s", "the old release")
WRONG = Result(3, "a deploy", "Proxy", "9 s", "", "no page is served")


def test_results__a_run_goes_on_with_what_is_left_and_what_was_not_survived(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    results = Results(1, file)
    results.add("deploys", WELL)
    results.add("deploys", WRONG)
    again = Results(1, file)
    assert again.left("deploys", 4) == [1, 3, 4]
    assert again.left("model", 2) == [1, 2]
    assert again.wrong == [WRONG]


def test_results__another_seed_begins_anew_and_other_figures_stay(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    file.write_text('{"power cuts": 5}')
    Results(1, file).add("deploys", WELL)
    assert Results(2, file).left("deploys", 2) == [1, 2]
    assert json.loads(file.read_text())["power cuts"] == 5
