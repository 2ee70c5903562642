"""The part of docs/performance.md that tells of the connection: tables, and no figure by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.connection.figures import Cell, Growth, Row, cells, growths, shown
from benchmarks.connection.job import JOBS
from benchmarks.connection.way import FIRST, NEXT, TITLES, WAYS, Way
from tools.docgen.markdown import table

WORDS = Path(__file__).parent.parent / "text"
IDLE = 0.5
"""Processes that want a processor, of a machine that has nothing else to do."""

SECONDS, CPU = 1.0, 0.5
"""Aims, by @ssh: the seconds of a run, and the CPU of each further host."""

JOB_TITLES = {job.name: job.title for job in JOBS}


def section(found: Mapping[str, Any]) -> list[str]:
    """Return the parts of the section, from the figures that were measured."""
    measured = list(cells(found["runs"]))
    return [
        "## Connection\n",
        (WORDS / "connection.md").read_text(),
        *_busy(found),
        table(list(_aims(measured))),
        table([_row(cell, row) for cell in measured for row in cell.rows]),
        *_growths(list(growths(measured))),
    ]


def _busy(found: Mapping[str, Any]) -> Iterator[str]:
    if found["busy"] > IDLE:
        wanted = f"{found['busy']:.0f} processes wanted its {found['processors']} processors"
        yield f"The machine had other work when this was measured: {wanted} before it began.\n"


def _aims(measured: Sequence[Cell]) -> Iterator[dict[str, str]]:
    for way in (FIRST, NEXT):
        ratios = [(_where(cell), row.walls) for cell in measured if (row := cell.row(way.name))]
        got = [(where, ratio.middle) for where, ratio in ratios if ratio]
        yield _aim(f"seconds, {way.title}, times @ssh", SECONDS, got)
    for way in (FIRST, NEXT):
        yield _aim(f"CPU of each further host, {way.title}, times @ssh", CPU, _each(measured, way))


def _each(measured: Sequence[Cell], way: Way) -> list[tuple[str, float]]:
    ratios = [(growth, growth.by_ssh(way.name)) for growth in growths(measured)]
    return [(_range(growth), ratio) for growth, ratio in ratios if ratio is not None]


def _aim(what: str, most: float, got: Sequence[tuple[str, float]]) -> dict[str, str]:
    short = [where for where, ratio in got if ratio > most]
    reached = f"not with {', '.join(short)}" if short else "yes"
    return {
        "aim": what,
        "wanted": f"≤ {most:g}",
        "measured": ", ".join(f"{ratio:.2f} ({where})" for where, ratio in got) or "not measured",
        "reached": reached if got else "",
    }


def _row(cell: Cell, row: Row) -> dict[str, str]:
    counts = {
        "round trips": f"{row.turns:.1f}",
        "kB sent": f"{row.sent / 1000:.1f}",
        "kB received": f"{row.received / 1000:.1f}",
    }
    return {
        "job": JOB_TITLES[cell.job],
        "hosts": f"{cell.hosts}{_far(cell.rtt)}",
        "": TITLES[row.way],
        "seconds": f"{row.wall:.2f}",
        "seconds, times @ssh": shown(row.walls),
        "CPU s": f"{row.cpu:.2f}",
        "CPU, times @ssh": shown(row.cpus),
        "CPU ms a host": f"{row.cpu / cell.hosts * 1000:.1f}",
        "MiB": f"{row.memory / 2**20:.0f}",
        **{name: text if row.turns else "" for name, text in counts.items()},
        "runs": str(row.rounds),
    }


def _growths(found: Sequence[Growth]) -> Iterator[str]:
    if found:
        yield "CPU of the controller for each further host, in milliseconds:\n"
        yield table(
            [
                {
                    "job": JOB_TITLES[each.job],
                    "hosts": _range(each),
                    **{
                        way.title: f"{each.cpu[way.name] * 1000:.1f}"
                        for way in WAYS
                        if way.name in each.cpu
                    },
                }
                for each in found
            ]
        )


def _where(cell: Cell) -> str:
    job = "" if cell.job == JOBS[0].name else f", {JOB_TITLES[cell.job]}"
    return f"{cell.hosts}{_far(cell.rtt)}{job}"


def _range(growth: Growth) -> str:
    return f"{growth.few} to {growth.many}{_far(growth.rtt)}"


def _far(rtt: float) -> str:
    return f" at {rtt * 1000:.0f} ms" if rtt else ""
