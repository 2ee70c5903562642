"""The outcome of each deploy of an application: one record each, the last ones for good.

It has a limit. Beyond that its older half goes, and its first record says how many went.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from ..protocol import CONFIRMED, cause
from ..system import atomic_files
from ..system.paths import AppPaths
from ..system.records import DROPPED, Record, decode, encode, numbered

if TYPE_CHECKING:
    from ..shapes import HistoryRecord

COLUMNS = ("when", "what", "outcome", "who", "commit", "release", "seconds", "reason")


NUMBER, SIZE = 1000, 2**20
"""Records and bytes of a history beyond which its older half goes."""
LONGEST, COMPLAINTS = 1000, 20
"""Characters of a text of a record, and how many complaints it has at most."""


def add(place: AppPaths, record: HistoryRecord) -> None:
    """Write down what became of a deploy, and drop what is older than the limit allows."""
    atomic_files.folder(place.own)
    content = atomic_files.read(place.history) or b""
    if len(content) > SIZE or content.count(b"\n") >= NUMBER:
        with suppress(OSError):  # a disk that is full takes the new record all the same
            _shorten(place, content)
    atomic_files.append(place.history, _limited(record))


def dropped(place: AppPaths) -> int:
    """Return how many records are no longer there."""
    return atomic_files.listing(place.history).dropped


def _shorten(place: AppPaths, content: bytes) -> None:
    found, lines, room = list(numbered(content, place.history)), list[str](), SIZE // 2
    for number, record in reversed(found[-(NUMBER // 2) :]):
        line = encode(record, number)
        room -= len(line)
        if room < 0 and lines:
            break
        lines.append(line)
    gone = found[: len(found) - len(lines)]
    if gone:
        # What was confirmed last is asked for, however long that is ago.
        confirmed = (each for _, each in reversed(gone) if each.get("outcome") == CONFIRMED)
        first = {**next(confirmed, {}), DROPPED: gone[-1][0]}
        text = "".join([encode(first, gone[-1][0]), *reversed(lines)])
        atomic_files.write(place.history, text)


def _limited(record: HistoryRecord) -> Record:
    complaints = [str(each)[:LONGEST] for each in record.get("complaints", [])]
    more = [f"and {len(complaints) - COMPLAINTS} more"] if complaints[COMPLAINTS:] else []
    texts = {name: text[:LONGEST] for name, text in record.items() if isinstance(text, str)}
    limited = {"complaints": [*complaints[:COMPLAINTS], *more]} if complaints else {}
    return {**record, **texts, **limited}


def read(place: AppPaths, last: int | None = None) -> list[HistoryRecord]:
    """Return what became of all deploys, or of the last ones: the newest is last."""
    if last is None:
        return atomic_files.records(place.history)
    # It grows for good, and only its end is wanted.
    lines = (atomic_files.read(place.history) or b"").split(b"\n")
    found: list[HistoryRecord] = []
    while lines and len(found) < last:
        whole = decode(line, place.history) if (line := lines.pop()).strip() else None
        found += [cast("HistoryRecord", whole[0])] if whole and DROPPED not in whole[0] else []
    return found[::-1]


def tail(place: AppPaths) -> list[bytes]:
    """Return the last lines: the last that is whole is one of them."""
    return (atomic_files.read(place.history) or b"").splitlines()[-2:]


def last_id(lines: Sequence[bytes | str]) -> str | None:
    """Return the id of the last of these lines that is whole, None if there is none.

    It tells one line from another, of whatever version they are.
    """
    for line in reversed(lines):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("id"), str):
            return str(found["id"])
    return None


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
