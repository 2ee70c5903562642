"""What the runs come to: medians, and ratios of runs that were made side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Run = Mapping[str, Any]
"""One run as the JSON has it."""

OURS, FLOOR = "homeport", "floor"
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
    + ratio: its time by homeport's of the same round; for the floor, homeport's by its
    """

    contender: str
    rounds: int
    wall: float
    cpu: float
    memory: float
    ratio: Ratio | None


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
            _ratio(contender, by_round, walls.get(OURS, {})),
        )


def _place(contender: str) -> tuple[bool, bool, str]:
    return (
        contender != FLOOR,
        contender != OURS,
        {"pyinfra": "a", "mitogen": "b"}.get(contender, "c"),
    )


def _ratio(contender: str, walls: Mapping[int, float], ours: Mapping[int, float]) -> Ratio | None:
    pairs = [(walls[number], ours[number]) for number in walls.keys() & ours.keys()]
    if contender == OURS or not pairs:
        return None
    ratios = [our / own if contender == FLOOR else own / our for own, our in pairs]
    return Ratio(median(ratios), min(ratios), max(ratios))
