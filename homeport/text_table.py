"""Tables of text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from homeport.hostctl.plain_text import one_line

GAP = "  "


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, headings first; an empty cell is shown as ``-``.

    Each cell is one harmless line.
    """
    shown = [heads, *([one_line(cell) or "-" for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield GAP.join(cells).rstrip()
