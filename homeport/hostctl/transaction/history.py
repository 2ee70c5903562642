"""The outcome of each deploy of an application: one record each, for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from ..protocol import cause
from ..system import atomic_files
from ..system.paths import AppPaths
from ..system.records import decode

if TYPE_CHECKING:
    from ..shapes import HistoryRecord

COLUMNS = ("when", "what", "outcome", "who", "commit", "release", "seconds", "reason")


def add(place: AppPaths, record: HistoryRecord) -> None:
    """Write down what became of a deploy."""
    atomic_files.folder(place.own)
    atomic_files.append(place.history, record)


def read(place: AppPaths, last: int | None = None) -> list[HistoryRecord]:
    """Return what became of all deploys, or of the last ones: the newest is last."""
    if last is None:
        return atomic_files.records(place.history)
    # It grows for good, and only its end is wanted.
    lines = (atomic_files.read(place.history) or b"").split(b"\n")
    found: list[HistoryRecord] = []
    while lines and len(found) < last:
        whole = decode(line, place.history) if (line := lines.pop()).strip() else None
        found += [cast("HistoryRecord", whole[0])] if whole else []
    return found[::-1]


def table(records: Sequence[HistoryRecord]) -> list[str]:
    """Return the lines of a table for people."""
    rows = [COLUMNS, *(tuple(_cell(record, name) for name in COLUMNS) for record in records)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(COLUMNS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cell(record: HistoryRecord, name: str) -> str:
    value = record.get(name)
    if name == "seconds":
        stages = record.get("stages")
        value = f"{sum(stages.values()):.1f}" if isinstance(stages, dict) and stages else None
    elif name == "commit" and value:
        value = f"{str(value)[:12]}{' (dirty)' if record.get('dirty') else ''}"
    elif name == "reason":
        value = cause(record)
    elif name == "release" and value:
        value = str(value).rpartition("/")[2]
    return " ".join(str(value).split()) if value else "-"
