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


def test_targets__one_connector_is_held_against_the_other() -> None:
    runs = [*rounds("floor", 1, 2), *rounds("openssh", 1.5, 2)]
    rows = {row["aim"]: row for row in judged(list(cells(runs)), COUNTS)}
    row = rows["`exec -- true` over @openssh, times over @ssh"]
    assert (row["measured"], row["reached"]) == ("1.25 (1)", "not with 1")


def test_targets__an_aim_of_hosts_far_away_is_of_those_alone() -> None:
    near = [*rounds("homeport", 1), *rounds("floor", 1)]
    far = [*rounds("homeport", 1, rtt=0.05), *rounds("floor", 2, rtt=0.05)]
    rows = {row["aim"]: row for row in judged(list(cells([*near, *far])), COUNTS)}
    row = rows["a no-op at 50 ms, times `exec -- true` over @ssh"]
    assert (row["measured"], row["reached"]) == ("0.50 (1 at 50 ms)", "yes")


def test_targets__what_was_not_measured_is_neither_reached_nor_missed() -> None:
    rows = {row["aim"]: row for row in judged(list(cells(rounds("homeport", 1))), COUNTS)}
    assert rows["Ansible, times a no-op"]["measured"] == "not measured"
    assert rows["Ansible, times a no-op"]["reached"] == ""


@pytest.mark.parametrize(("sent", "reached"), [(19_000_000, "yes"), (26_500_000, "not with 1")])
def test_targets__the_bytes_of_a_first_deploy_are_counted(sent: int, reached: str) -> None:
    counts = [*COUNTS, {"situation": "cold", "contender": "homeport", "files": 9, "sent": sent}]
    rows = {row["aim"]: row for row in judged(list(cells(rounds("homeport", 1))), counts)}
    assert rows["MB sent in a first deploy"]["reached"] == reached
