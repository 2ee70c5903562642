"""Markdown for pages that are made: whatever a value holds, it stays in its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

Row = Mapping[str, str]


def code(text: str) -> str:
    """Return a text as code, on one line; nothing of it is read as Markdown."""
    line = " ".join(text.split()).replace("|", "\\|")
    if not line:
        return ""
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    mark, pad = "`" * (longest + 1), " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{mark}{pad}{line}{pad}{mark}"


def codes(texts: Iterable[str]) -> str:
    """Return texts as code, with commas between them."""
    return ", ".join(code(text) for text in texts)


def escaped(text: str) -> str:
    """Return a sentence for a cell: what looks like HTML or a bar is shown as it stands."""
    return escape(" ".join(text.split()), quote=False).replace("|", "\\|")


def table(rows: Sequence[Row]) -> str:
    """Return a table: a column for each key that has a value in any row, in order of appearance."""
    used = [key for row in rows for key, value in row.items() if value]
    columns = list(dict.fromkeys(key for row in rows for key in row if key in used))
    lines = [columns, ["---"] * len(columns)]
    lines += [[row.get(column, "") for column in columns] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
