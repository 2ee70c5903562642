"""What is measured: which situations, on how many hosts, how far away, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.situations import CODE, COLD, NO_OP, ONE_FILE, REQUIREMENT, Situation

NEAR, FAR = 0.0, 0.05
"""Seconds that the way adds to each round trip."""

FLEET = tuple(f"h{number}" for number in range(1, 11))
PI = "pi"
ROUNDS = 5


@dataclass(frozen=True)
class Cell:
    """One thing that is measured, for every contender in turn, in every round.

    + hosts: names; those of ``FLEET`` are amd64, and ``PI`` is an emulated aarch64
    + rtt: seconds added to each round trip
    + without: contenders that don't take part; the report says so
    """

    situation: Situation
    hosts: tuple[str, ...]
    rtt: float = NEAR
    rounds: int = ROUNDS
    without: tuple[str, ...] = ()


ONE, THREE, TEN = FLEET[:1], FLEET[:3], FLEET

WHOLE: Sequence[Cell] = (
    *(Cell(NO_OP, hosts, rtt) for hosts in (ONE, THREE, TEN) for rtt in (NEAR, FAR)),
    *(Cell(situation, THREE) for situation in (ONE_FILE, REQUIREMENT, CODE)),
    *(Cell(situation, ONE, FAR) for situation in (ONE_FILE, CODE)),
    Cell(COLD, ONE),
    *(Cell(situation, (PI,)) for situation in (NO_OP, ONE_FILE, CODE)),
)
"""All of docs/performance.md."""

QUICK: Sequence[Cell] = (Cell(NO_OP, ONE), Cell(NO_OP, ONE, FAR))
"""The no-op ratios of one host."""
