"""What text_table promises."""

from __future__ import annotations

from homeport.text_table import table


def test_text_table__a_cell_breaks_neither_its_line_nor_the_terminal() -> None:
    assert list(table(["a", "b"], [["x\ny", "\x1b[2J"], ["", "é"]])) == [
        "a    b",
        "x y  \\x1b[2J",
        "-    é",
    ]
