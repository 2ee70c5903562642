"""What engine.kind promises."""

from __future__ import annotations

from homeport.engine.kind import Change, DesiredState


def test_kind__changes_are_equal_by_what_they_tell_and_not_by_what_they_carry() -> None:
    assert Change("add", "/a", "r", desired=1) == Change("add", "/a", "r", desired=2)
    assert Change("add", "/a", "r") != Change("add", "/a", "other")


def test_kind__a_description_gives_resources_of_one_kind_in_order() -> None:
    described = DesiredState("shop", (1, "b", 2, "a"))
    assert described.of(str) == ("b", "a")
    assert described.of(int) == (1, 2)
    assert described.of(bytes) == ()
