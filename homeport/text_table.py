"""Tables of text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

GAP = "  "


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, headings first; an empty cell is shown as ``-``.

    A control character, which could move the terminal's cursor, is shown as a question mark.
    """
    shown = [heads, *([one_line(cell) or "-" for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield GAP.join(cells).rstrip()


def one_line(text: str) -> str:
    """Return the text on one line, with a question mark for each control character."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)
