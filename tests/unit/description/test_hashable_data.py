"""What description.hashable_data promises."""

from __future__ import annotations

import pytest

from homeport.description.hashable_data import HashableData

SAME: list[tuple[object, object]] = [
    ("amd64", "amd64"),
    ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
]
OTHER = [
    (12, "12"),
    (1, True),
    (1, 1.0),
    ([1], (1,)),
    ([1, 2], [2, 1]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({}, None),
    (b"x", b"y"),
    pytest.param(object(), object(), id="two-objects"),
]


@pytest.mark.parametrize(("one", "another"), SAME)
def test_hashable_data__what_says_the_same_is_alike(one: object, another: object) -> None:
    first, second = HashableData({"x": one}), HashableData({"x": another})
    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize(("one", "another"), OTHER, ids=str)
def test_hashable_data__what_says_something_else_is_not(one: object, another: object) -> None:
    assert HashableData({"x": one}) != HashableData({"x": another})


def test_hashable_data__it_reads_as_the_data_that_it_was_made_of() -> None:
    alike = HashableData({"debian": "12"})
    assert dict(alike) == {"debian": "12"}
    assert alike.get("kind", "server") == "server"
    assert alike != {"debian": "12"}
