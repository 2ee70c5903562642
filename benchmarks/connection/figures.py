"""What the runs come to: medians, and ratios by @ssh's runs of the same round. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.connection.way import PARAMIKO, TITLES, WAYS
from benchmarks.summary import Ratio, ratio

Run = Mapping[str, Any]
"""One run as the JSON has it."""

WHERE = ("job", "hosts", "rtt")
HEAD = (
    *("job", "hosts", "ms away", "way", "seconds", "times @ssh's", "CPU s", "times @ssh's"),
    *("ms a host", "MiB", "round trips", "kB sent", "kB received"),
)


@dataclass(frozen=True)
class Row:
    """One way in one cell: medians of its rounds.

    + wall, cpu, memory: seconds, seconds, bytes
    + turns, sent, received: for each host; 0 if they weren't counted
    + walls, cpus: by those of @ssh; None for @ssh itself
    """

    way: str
    rounds: int
    wall: float
    cpu: float
    memory: float
    turns: float
    sent: float
    received: float
    walls: Ratio | None
    cpus: Ratio | None


@dataclass(frozen=True)
class Cell:
    """One job on so many hosts so far away."""

    job: str
    hosts: int
    rtt: float
    rows: tuple[Row, ...]

    def row(self, way: str) -> Row | None:
        """Return the row of a way, None if it wasn't measured."""
        return next((row for row in self.rows if row.way == way), None)


@dataclass(frozen=True)
class Growth:
    """What each further host takes of the controller's processors, in seconds, by the way."""

    job: str
    rtt: float
    few: int
    many: int
    cpu: Mapping[str, float]

    def by_ssh(self, way: str) -> float | None:
        """Return a way's by @ssh's, None if it is lost in what the runs differ by."""
        own, ssh = self.cpu.get(way), self.cpu.get(PARAMIKO.name, 0.0)
        return own / ssh if own is not None and ssh > 0 else None


def cells(runs: Iterable[Run]) -> Iterator[Cell]:
    """Yield each cell that was measured, in the order of its first run."""
    grouped: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        grouped.setdefault(tuple(run[name] for name in WHERE), []).append(run)
    for (job, hosts, rtt), inside in grouped.items():
        yield Cell(job, hosts, rtt, tuple(_rows(inside, hosts)))


def growths(found: Sequence[Cell]) -> Iterator[Growth]:
    """Yield what each host more takes, from the fewest hosts of a job to the most."""
    grouped: dict[tuple[str, float], list[Cell]] = {}
    for cell in found:
        grouped.setdefault((cell.job, cell.rtt), []).append(cell)
    for (job, rtt), inside in grouped.items():
        few, *_, many = sorted([inside[0], *inside], key=lambda cell: cell.hosts)
        if few.hosts < many.hosts:
            more = many.hosts - few.hosts
            both = ((few.row(way.name), many.row(way.name)) for way in WAYS)
            cpu = {b.way: (b.cpu - a.cpu) / more for a, b in both if a and b}
            yield Growth(job, rtt, few.hosts, many.hosts, cpu)


def table(found: Sequence[Cell]) -> Iterator[str]:
    """Yield the lines of a table, and then what each further host took of the processors."""
    rows = [HEAD, *(_line(cell, row) for cell in found for row in cell.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        yield "  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True))
    for growth in growths(found):
        far = f", {growth.rtt * 1000:.0f} ms away" if growth.rtt else ""
        each = ", ".join(
            f"{TITLES[way]} {seconds * 1000:.1f} ms" for way, seconds in growth.cpu.items()
        )
        yield (
            f"{growth.job}{far}, from {growth.few} to {growth.many} hosts, CPU of each one more: "
            f"{each}"
        )


def shown(ratio: Ratio | None) -> str:
    """Return a ratio as a table has it: the middle, the least and the most."""
    return f"{ratio.middle:.2f} ({ratio.least:.2f} to {ratio.most:.2f})" if ratio else ""


def _line(cell: Cell, row: Row) -> tuple[str, ...]:
    counts = (f"{row.turns:.1f}", f"{row.sent / 1000:.1f}", f"{row.received / 1000:.1f}")
    return (
        *(cell.job, str(cell.hosts), f"{cell.rtt * 1000:.0f}", TITLES[row.way]),
        *(f"{row.wall:.2f}", shown(row.walls), f"{row.cpu:.2f}", shown(row.cpus)),
        *(f"{row.cpu / cell.hosts * 1000:.1f}", f"{row.memory / 2**20:.0f}"),
        *(counts if row.turns else ("", "", "")),
    )


def _rows(runs: Sequence[Run], hosts: int) -> Iterator[Row]:
    for way in WAYS:
        if own := [run for run in runs if run["way"] == way.name]:
            yield Row(
                way=way.name,
                rounds=len(own),
                wall=_middle(own, "wall"),
                cpu=_middle(own, "cpu"),
                memory=_middle(own, "memory"),
                turns=_middle(own, "turns") / hosts,
                sent=_middle(own, "sent") / hosts,
                received=_middle(own, "received") / hosts,
                walls=_by_ssh(runs, way.name, "wall"),
                cpus=_by_ssh(runs, way.name, "cpu"),
            )


def _middle(runs: Sequence[Run], name: str) -> float:
    return float(median(run[name] for run in runs))


def _by_ssh(runs: Sequence[Run], way: str, name: str) -> Ratio | None:
    def of(wanted: str) -> dict[int, float]:
        return {run["round"]: run[name] for run in runs if run["way"] == wanted}

    return None if way == PARAMIKO.name else ratio(of(way), of(PARAMIKO.name))
