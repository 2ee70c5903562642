"""A text is one line that every parser reads alike."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.text import LONGEST, distinct, filled, one_line


@pytest.mark.parametrize("letter", ["\n", "\r", "\0", "\x1b", "\u2028", "\u2029", "\ud800"])
def test_text_with_a_character_that_breaks_a_line_is_refused_without_it(letter: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        one_line(f"hunter2{letter}")
    assert "hunter2" not in (caught.value.context or {})["complaints"][0].what


def test_text_that_a_program_can_not_be_handed_is_refused() -> None:
    assert one_line("x" * LONGEST)
    with pytest.raises(PydanticCustomError):
        one_line("x" * (LONGEST + 1))


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_text_that_is_empty_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        filled(text)


def test_list_with_an_item_twice_is_refused() -> None:
    assert distinct(("a", "b")) == ("a", "b")
    with pytest.raises(PydanticCustomError):
        distinct(("a", "b", "a"))
