"""What hostctl.environment_file promises."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.hostctl.environment_file import line, variables
from tests.support.host_shells import HARD, names, values


@given(st.dictionaries(names, values))
@example(HARD)
def test_environment_file__what_is_written_is_read(described: Mapping[str, str]) -> None:
    written = "".join(f"{line(name, value)}\n" for name, value in described.items())
    assert variables(f"# ours\n{written}") == described


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=plain", "plain"),
        ("A='it is $so'", "it is $so"),
        (' A = "x" ', "x"),
        ("A=", ""),
        ('A="cut off', '"cut off'),
    ],
)
def test_environment_file__no_value_of_another_hand_is_overlooked(text: str, value: str) -> None:
    assert variables(f"# B=2\n;C=3\n\nno variable\n{text}\n") == {"A": value}
