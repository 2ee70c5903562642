"""What is measured: which situations, on how many hosts, how far away, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.scenarios import CODE, COLD, NO_OP, ONE_FILE, REQUIREMENT, Situation

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
    + once: contenders that take part in the first round alone, because they take minutes
    + without: contenders that don't take part
    """

    situation: Situation
    hosts: tuple[str, ...]
    rtt: float = NEAR
    rounds: int = ROUNDS
    once: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


ONE, THREE, TEN = FLEET[:1], FLEET[:3], FLEET
SLOW = ("ansible",)
PEERS = ("pyinfra", "ansible", "mitogen")

NEW: Sequence[Cell] = (
    Cell(COLD, ONE, once=("pyinfra", *SLOW)),
    Cell(COLD, (PI,), rounds=1, without=("pyinfra", *SLOW)),
)
"""First deploys: each contender's to a host without any other's."""

WHOLE: Sequence[Cell] = (
    Cell(NO_OP, ONE),
    Cell(NO_OP, ONE, FAR, once=PEERS),
    Cell(NO_OP, THREE, once=SLOW),
    Cell(NO_OP, THREE, FAR, without=PEERS),
    Cell(NO_OP, TEN, once=PEERS),
    Cell(NO_OP, TEN, FAR, without=PEERS),
    Cell(ONE_FILE, ONE, once=SLOW),
    Cell(ONE_FILE, THREE, without=PEERS),
    Cell(ONE_FILE, ONE, FAR, without=PEERS),
    Cell(REQUIREMENT, ONE, once=SLOW),
    Cell(CODE, ONE, once=SLOW),
    *(Cell(situation, (PI,), without=("pyinfra", *SLOW)) for situation in (NO_OP, ONE_FILE)),
)
"""What hosts are asked on which every contender's work is done. All of it fits into 40 minutes."""

QUICK: Sequence[Cell] = (Cell(NO_OP, ONE, once=PEERS), Cell(NO_OP, ONE, FAR, without=PEERS))
"""The no-op ratios of one host, within two minutes."""
