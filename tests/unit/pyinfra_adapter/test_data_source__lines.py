"""Where a value of the inventory or of group_data stands, and where a host is reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.pyinfra_adapter.data_source import WHERE, line_of, line_of_second
from tests.support.group_data_files import here

__all__ = ["here"]


@pytest.mark.parametrize(
    ("variable", "keys", "line"),
    [
        ("debian", (), 1),
        ("app", (), 2),
        ("app", ("environment", "A"), 3),
        ("app", ("processes", "web", "listen"), 6),
        ("app", ("processes", "api", "listen"), 5),
        ("app", ("python",), 2),
        ("nothing", (), None),
    ],
)
def test_line_is_the_nearest_that_can_be_told(
    here: Path, variable: str, keys: tuple[str, ...], line: int | None
) -> None:
    assert line_of(here / WHERE / "pi.py", variable, keys) == line


def test_data_source__a_file_that_cannot_be_read_has_no_lines(here: Path) -> None:
    assert line_of(here / "nothing.py", "x") is None
    (here / "bad.py").write_text("x = (")
    assert line_of(here / "bad.py", "x") is None
    assert line_of_second(here / "bad.py", "x", "a") is None
