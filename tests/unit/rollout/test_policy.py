"""What host data asks for when a deploy goes to many hosts."""

from __future__ import annotations

from typing import Any

import pytest

from homeport.errors import UserError
from homeport.manifest import Rollout
from homeport.rollout.policy import merge_policies, rollout_of


@pytest.mark.parametrize("value", [None, False, "no", "False", "0", 0, ""])
def test_policy__nothing_is_asked_for_where_nothing_is_said_or_no(value: object) -> None:
    assert rollout_of(value) is None


def test_policy__what_is_not_said_is_careful() -> None:
    assert rollout_of({}) == Rollout(
        canary=1, batch_size=1, pause=0, max_failures=0, unreachable="stop"
    )
    assert rollout_of({"batch_size": "25%", "unreachable": "skip"}) == Rollout(
        batch_size="25%", unreachable="skip"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("yes", 'rollout: this is not a rollout policy. Fix: write rollout = {"canary": 1, '),
        ([1], "rollout: this is not a rollout policy."),
        ({"canari": 1}, "rollout.canari: 'canari' is not a key here. Fix: write canary."),
        (
            {"x": 1},
            "rollout.x: 'x' is not a key here. Fix: remove it (known here: canary, batch_size",
        ),
        ({"canary": -1}, "rollout.canary: the number is too small. Fix: write 0 or more."),
        ({"canary": "1"}, "rollout.canary: expected a whole number, got text."),
        ({"pause": 1.5}, "rollout.pause: expected a whole number, got a number."),
        ({"pause": 10**6}, "rollout.pause: the number is too large. Fix: write 86400 or less."),
        (
            {"batch_size": 0},
            "rollout.batch_size: '0' is not a batch size. Fix: write a number of ho",
        ),
        ({"batch_size": True}, "rollout.batch_size: 'True' is not a batch size."),
        ({"batch_size": "0%"}, "rollout.batch_size: '0%' is not a batch size."),
        ({"batch_size": "101%"}, "rollout.batch_size: '101%' is not a batch size."),
        ({"batch_size": None}, "rollout.batch_size: 'None' is not a batch size."),
        ({"unreachable": "go"}, "rollout.unreachable: 'go' is neither stop nor skip. Fix: write"),
    ],
)
def test_policy__what_cannot_be_meant_is_one_line_with_its_fix(value: Any, message: str) -> None:
    with pytest.raises(UserError) as caught:
        rollout_of(value)
    assert str(caught.value).startswith(f"group_data: {message}")
    assert "\n" not in str(caught.value)


def test_policy__what_one_host_says_goes_for_those_that_say_nothing() -> None:
    assert merge_policies([("a", None), ("b", {"batch_size": 2}), ("c", False)]) == Rollout(
        batch_size=2
    )
    assert merge_policies([("a", None)]) is None
    assert merge_policies(
        [("a", {"batch_size": 2}), ("b", {"batch_size": 2, "canary": 1})]
    ) == Rollout(batch_size=2)


def test_policy__two_hosts_that_say_different_things_are_an_error() -> None:
    with pytest.raises(UserError, match="rollout: a and c ask for different"):
        merge_policies([("a", {"batch_size": 2}), ("b", None), ("c", {})])
