"""The section of the connection is made from figures, and judges them."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.connection.report import section
from tests.support.connection_runs import rounds, run


def text(*runs: dict[str, Any], busy: float = 0.1) -> str:
    return "\n".join(section({"busy": busy, "processors": 2, "runs": [*runs]}))


def test_report__an_aim_that_is_missed_says_where() -> None:
    found = text(*rounds(1, 1, 1.2, 0.9), *rounds(11, 3, 2.9, 1.1))
    assert (
        "| seconds, @openssh, first run, times @ssh | ≤ 1 | 1.20 (1), 0.97 (11) | not with 1 |"
        in (found)
    )
    assert "next run within a minute, times @ssh | ≤ 1 | 0.90 (1), 0.37 (11) | yes |" in found
    assert "first run, times @ssh | ≤ 0.5 | 0.85 (1 to 11) | not with 1 to 11 |" in found
    assert "next run within a minute, times @ssh | ≤ 0.5 | 0.10 (1 to 11) | yes |" in found


def test_report__each_way_of_each_cell_has_a_row() -> None:
    far = run("ssh", 2, 1, hosts=10, rtt=0.05, turns=80, sent=19_000, received=24_000)
    found = text(*rounds(1, 1, 1.2, 0.9), far)
    assert "| `exec -- true` | 1 | @openssh, first run | 1.20 | 1.20 (1.20 to 1.20) |" in found
    assert "| 10 at 50 ms | @ssh | 2.00 |  | 1.00 |  | 100.0 | 1 | 8.0 | 1.9 | 2.4 | 1 |" in found


def test_report__what_was_not_measured_is_said() -> None:
    assert "| ≤ 0.5 | not measured |  |" in text(*rounds(1, 1, 1, 1))


@pytest.mark.parametrize(("busy", "warned"), [(0.1, False), (1.9, True)])
def test_report__a_machine_with_other_work_is_told_of(busy: float, warned: bool) -> None:
    assert ("2 processes wanted its 2 processors" in text(*rounds(1, 1, 1, 1), busy=busy)) is warned
