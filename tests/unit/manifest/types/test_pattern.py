"""A shape is checked as a whole, and stands in the schema."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError

from homeport.manifest.types.pattern import TextPattern

SHAPE = TextPattern("a|bb", "is no such thing", "write a or bb")


def test_shape_is_held_against_the_whole_text() -> None:
    assert SHAPE.check("bb") == "bb"
    for text in ("b", "ab", "a\n", ""):
        with pytest.raises(PydanticCustomError):
            SHAPE.check(text)


def test_shape_stands_in_the_schema_as_one_alternative() -> None:
    assert TypeAdapter(Annotated[str, SHAPE]).json_schema()["pattern"] == "^(?:a|bb)$"
