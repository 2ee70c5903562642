"""What lab.bridge promises."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from lab.bridge import choose

LAB = IPv4Network("10.77.0.0/16")


def test_bridge__the_subnet_follows_from_the_id() -> None:
    assert choose("000105", []) == "10.77.5.0/24"


def test_bridge__a_taken_subnet_is_passed_over_and_the_last_is_followed_by_the_first() -> None:
    taken = [IPv4Network("10.77.255.1/32"), IPv4Network("10.77.0.0/23")]
    assert choose("0000ff", taken) == "10.77.2.0/24"


@given(st.integers(0, 0xFFFFFF), st.lists(st.integers(0, 255), max_size=40))
def test_bridge__the_choice_never_overlaps(number: int, taken: list[int]) -> None:
    others = [IPv4Network(f"10.77.{third}.0/24") for third in taken]
    chosen = IPv4Network(choose(f"{number:06x}", others))
    assert chosen.subnet_of(LAB)
    assert not any(chosen.overlaps(other) for other in others)


def test_bridge__no_room_is_an_error() -> None:
    with pytest.raises(UserError, match="down"):
        choose("000000", [LAB])
