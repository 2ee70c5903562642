"""A value of several forms has exactly one of them."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.one_of import TEXT, form, one_of

CHECK = one_of("git", "package", fix="write one", text=True)


def test_form_is_the_key_that_a_value_has_and_comes_first() -> None:
    checked = CHECK({"ref": "main", "git": "url"})
    assert checked == {"git": "url", "ref": "main"}
    assert form(checked) == "git"


def test_form_of_a_text_is_text() -> None:
    assert form(CHECK(".")) == TEXT


@pytest.mark.parametrize("value", [{}, {"ref": "x"}, {"git": "a", "package": "b"}, 1, None])
def test_value_with_no_form_or_with_two_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        CHECK(value)


def test_text_is_refused_where_no_text_may_stand() -> None:
    with pytest.raises(PydanticCustomError):
        one_of("file", fix="write one")("secret")
