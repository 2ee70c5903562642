"""Figures are medians, told in a table and as plain data."""

from __future__ import annotations

import json

from benchmarks.scale.figures import Figures, table
from benchmarks.scale.running import Run

FEW = Figures.of(
    10,
    0.02,
    [
        (Run(1.0, 0.5, 50), Run(1.5, 1.0, 60)),
        (Run(9.0, 0.9, 59), Run(9.0, 9.0, 90)),
        (Run(0.5, 0.4, 40), Run(1.2, 0.9, 70)),
    ],
)
MANY = Figures.of(1010, 0.02, [(Run(2.0, 1.5, 60), Run(5.0, 5.0, 160))])


def test_figures__one_slow_run_does_not_count() -> None:
    assert FEW.floor == Run(1.0, 0.5, 50)
    assert FEW.no_op == Run(1.5, 1.0, 70)
    assert FEW.ratio == 1.5


def test_figures__the_table_has_a_line_for_each_number_of_hosts_and_says_how_it_grows() -> None:
    head, few, many, growth = table([FEW, MANY])
    assert len(head) == len(few) == len(many)
    assert few.split() == ["10", "1.00", "1.50", "1.50", "0.50", "1.00", "70", "150.0"]
    assert many.split()[0] == "1010"
    assert growth == "from 10 to 1010 hosts, each one more: 4.0 ms of CPU, the floor 1.0 ms"


def test_figures_are_plain_data() -> None:
    data = json.loads(json.dumps(FEW.as_json()))
    assert (data["hosts"], data["ratio"], data["no_op_seconds_per_host"]) == (10, 1.5, 0.15)
    assert (data["delay_seconds"], data["no_op_peak_mib"]) == (0.02, 70)
