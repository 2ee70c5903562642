"""Host data: a key that is nearly one of ours is no key of the user's own."""

from __future__ import annotations

import pytest

from homeport.description.host_data import flag, no_slip
from homeport.errors import UserError


@pytest.mark.parametrize("name", ["architectur", "architecure", "debain", "allow_dirt"])
def test_host_data__a_key_that_is_nearly_ours_is_named_with_the_one_that_was_meant(
    name: str,
) -> None:
    with pytest.raises(UserError, match=rf"^group_data: {name}: .* Fix: write (arch|deb|allow)"):
        no_slip({name: 1})


def test_host_data__other_keys_are_the_users_own() -> None:
    no_slip({"app": {}, "debian": "12", "apps": 1, "ssh_user": "x", "_sudo": True, "site": "x"})


@pytest.mark.parametrize(
    ("given", "meant"),
    [(True, True), ("yes", True), (1, True), ("True", True), (False, False), ("no", False)],
)
def test_host_data__yes_and_no_may_be_written_as_people_do(given: object, meant: bool) -> None:
    assert flag({"allow_dirty": given}, "allow_dirty") is meant
    assert flag({}, "allow_dirty") is False


def test_host_data__what_is_neither_is_an_error_and_not_a_yes() -> None:
    with pytest.raises(UserError, match="'maybe' is neither yes nor no"):
        flag({"allow_dirty": "maybe"}, "allow_dirty")
