"""What benchmarks.targets promises."""

from __future__ import annotations

import pytest

from benchmarks.summary import cells
from benchmarks.targets import judged
from tests.support.benchmark_rounds import rounds

COUNTS = [
    {"situation": "no-op", "contender": "homeport", "files": 0},
    {"situation": "no-op", "contender": "floor", "files": 0},
]


@pytest.mark.parametrize(
    ("floor", "reached"), [(1.0, "yes"), (0.9, "yes"), (0.8, "not with 1"), (0.2, "not with 1")]
)
def test_targets__an_aim_that_is_missed_says_where(floor: float, reached: str) -> None:
    found = list(cells([*rounds("homeport", 1.08), *rounds("floor", floor)]))
    assert next(judged(found, COUNTS))["reached"] == reached


def test_targets__an_aim_is_missed_by_one_place_alone() -> None:
    near = [*rounds("homeport", 1), *rounds("ansible", 20)]
    far = [*rounds("homeport", 1, rtt=0.05), *rounds("ansible", 10, rtt=0.05)]
    aims = {row["aim"]: row for row in judged(list(cells([*near, *far])), COUNTS)}
    row = aims["Ansible, times a no-op"]
    assert row["measured"] == "20.00 (1), 10.00 (1 at 50 ms)"
    assert row["reached"] == "not with 1 at 50 ms"


def test_targets__a_file_that_a_no_op_writes_misses_the_aim() -> None:
    counts = [{**COUNTS[0], "files": 3}, COUNTS[1]]
    *_, row = judged(list(cells(rounds("homeport", 1))), counts)
    assert (row["measured"], row["reached"]) == ("3", "no")
