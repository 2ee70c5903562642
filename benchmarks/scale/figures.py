"""What was measured, as a table for people and as plain data for everything else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.scale.running import Run

Pair = tuple[Run, Run]
HEAD = ("hosts", "floor s", "no-op s", "ratio", "floor CPU s", "no-op CPU s", "MiB", "ms a host")


@dataclass(frozen=True)
class Figures:
    """The medians of several runs on so many hosts: the floor, and the no-op next to it."""

    hosts: int
    delay: float
    floor: Run
    no_op: Run

    @classmethod
    def of(cls, hosts: int, delay: float, pairs: Sequence[Pair]) -> Figures:
        """Return the medians of pairs of floor and no-op."""
        floors, no_ops = zip(*pairs, strict=True)
        return cls(hosts, delay, _median(floors), _median(no_ops))

    @property
    def ratio(self) -> float:
        """How often the floor's time goes into the no-op's."""
        return self.no_op.seconds / self.floor.seconds

    def as_json(self) -> dict[str, float]:
        """Return the figures as plain data: seconds, and MiB of memory."""
        return {
            "hosts": self.hosts,
            "delay_seconds": self.delay,
            "floor_seconds": round(self.floor.seconds, 3),
            "floor_cpu_seconds": round(self.floor.cpu, 3),
            "floor_peak_mib": round(self.floor.memory, 1),
            "no_op_seconds": round(self.no_op.seconds, 3),
            "no_op_cpu_seconds": round(self.no_op.cpu, 3),
            "no_op_peak_mib": round(self.no_op.memory, 1),
            "no_op_seconds_per_host": round(self.no_op.seconds / self.hosts, 5),
            "ratio": round(self.ratio, 3),
        }


def table(measured: Sequence[Figures]) -> Iterator[str]:
    """Yield the lines of a table, and then what each further host took of the processors."""
    rows = [HEAD, *map(_row, measured)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    for few, many in itertools.pairwise(measured):
        if many.hosts > few.hosts:
            floor, no_op = (_each(few, many, of) for of in (_floor, _no_op))
            yield (
                f"from {few.hosts} to {many.hosts} hosts, each one more: "
                f"{no_op:.1f} ms of CPU, the floor {floor:.1f} ms"
            )


def _row(figures: Figures) -> tuple[str, ...]:
    floor, no_op = figures.floor, figures.no_op
    return (
        str(figures.hosts),
        *(f"{number:.2f}" for number in (floor.seconds, no_op.seconds, figures.ratio)),
        *(f"{number:.2f}" for number in (floor.cpu, no_op.cpu)),
        f"{no_op.memory:.0f}",
        f"{no_op.seconds / figures.hosts * 1000:.1f}",
    )


def _each(few: Figures, many: Figures, of: Callable[[Figures], Run]) -> float:
    return (of(many).cpu - of(few).cpu) / (many.hosts - few.hosts) * 1000


def _floor(figures: Figures) -> Run:
    return figures.floor


def _no_op(figures: Figures) -> Run:
    return figures.no_op


def _median(runs: Sequence[Run]) -> Run:
    return Run(
        median(run.seconds for run in runs),
        median(run.cpu for run in runs),
        median(run.memory for run in runs),
    )
