"""What the runs come to: medians, and ratios of runs that were made side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Run = Mapping[str, Any]
"""One run as the JSON has it."""

OURS, FLOOR, OPENSSH = "homeport", "floor", "openssh"
FLOORS = (FLOOR, OPENSSH)
"""Those that do nothing of the job, over pyinfra's own connector and over homeport's."""
WHERE = ("situation", "architecture", "hosts", "rtt")


@dataclass(frozen=True)
class Ratio:
    """How many times as long one took as another: the median of all pairs, the least, the most."""

    middle: float
    least: float
    most: float


@dataclass(frozen=True)
class Row:
    """One contender in one cell.

    + wall, cpu, memory: medians, in seconds, seconds and bytes
    + ratio: its time by homeport's of the same round; for a floor, homeport's by its
    + walls: its time in each round
    """

    contender: str
    rounds: int
    wall: float
    cpu: float
    memory: float
    ratio: Ratio | None
    walls: Mapping[int, float]


@dataclass(frozen=True)
class Cell:
    """One situation, with so many hosts so far away."""

    situation: str
    architecture: str
    hosts: int
    rtt: float
    rows: tuple[Row, ...]

    def row(self, contender: str) -> Row | None:
        """Return one contender's row, None if it took no part."""
        return next((row for row in self.rows if row.contender == contender), None)

    def ratio(self, of: str, by: str) -> Ratio | None:
        """Return one contender's time by another's of the same round, None if there is none."""
        one, other = self.row(of), self.row(by)
        return ratio(one.walls, other.walls) if one and other else None


def cells(runs: Iterable[Run]) -> Iterator[Cell]:
    """Yield each cell that was measured, in the order of its first run."""
    grouped: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        grouped.setdefault(tuple(run[name] for name in WHERE), []).append(run)
    for (situation, architecture, hosts, rtt), inside in grouped.items():
        yield Cell(situation, architecture, hosts, rtt, tuple(_rows(inside)))


def _rows(runs: Sequence[Run]) -> Iterator[Row]:
    walls: dict[str, dict[int, float]] = {}
    for run in runs:
        walls.setdefault(run["contender"], {})[run["round"]] = run["wall"]
    for contender, by_round in sorted(walls.items(), key=lambda item: _place(item[0])):
        own = [run for run in runs if run["contender"] == contender]
        yield Row(
            contender,
            len(own),
            median(by_round.values()),
            median(run["cpu"] for run in own),
            median(run["memory"] for run in own),
            _by_ours(contender, by_round, walls.get(OURS, {})),
            by_round,
        )


def ratio(walls: Mapping[int, float], by: Mapping[int, float]) -> Ratio | None:
    """Return the ratio of figures of the same round, None if no round has both."""
    ratios = [walls[number] / by[number] for number in walls.keys() & by.keys()]
    return Ratio(median(ratios), min(ratios), max(ratios)) if ratios else None


def _place(contender: str) -> tuple[int, str]:
    first = (*FLOORS, OURS, "pyinfra", "mitogen")
    return (first.index(contender) if contender in first else len(first), contender)


def _by_ours(contender: str, own: Mapping[int, float], ours: Mapping[int, float]) -> Ratio | None:
    if contender == OURS:
        return None
    return ratio(ours, own) if contender in FLOORS else ratio(own, ours)
