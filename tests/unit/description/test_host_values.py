"""Values of host data: a yes may be written as people do, and what is neither is an error."""

from __future__ import annotations

import pytest

from homeport.description.host_values import flag
from homeport.errors import UserError


@pytest.mark.parametrize(
    ("value", "meant"),
    [(True, True), ("yes", True), (1, True), ("True", True), (False, False), ("no", False)],
)
def test_host_values__yes_and_no_may_be_written_as_people_do(value: object, meant: bool) -> None:
    assert flag({"allow_dirty": value}, "allow_dirty") is meant
    assert flag({}, "allow_dirty") is False


def test_host_values__what_is_neither_is_an_error_and_not_a_yes() -> None:
    with pytest.raises(UserError, match="'maybe' is neither yes nor no"):
        flag({"allow_dirty": "maybe"}, "allow_dirty")
