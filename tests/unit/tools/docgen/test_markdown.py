"""What tools.docgen.markdown promises."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tools.docgen.markdown import code, escaped, table


@given(st.text())
def test_markdown__whatever_a_value_holds_it_stays_in_its_cell(text: str) -> None:
    for cell in (code(text), escaped(text)):
        rows = table([{"one": "x", "two": cell, "three": "z"}]).splitlines()
        bars = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
        assert len(rows) == 3
        assert len(set(bars)) == 1


@given(st.text(alphabet="a`| \\", min_size=1))
def test_markdown__code_can_hold_backticks(text: str) -> None:
    cell = code(text)
    mark = re.match("`*", cell)
    assert mark is not None
    inside = cell.removeprefix(mark[0]).removesuffix(mark[0])
    assert mark[0] == "" or mark[0] not in re.findall("`+", inside)


def test_markdown__a_column_without_any_value_is_left_out() -> None:
    assert table([{"a": "1", "b": ""}, {"a": "2", "c": "3"}]) == (
        "| a | c |\n| --- | --- |\n| 1 |  |\n| 2 | 3 |\n"
    )
