"""Keys of host data: one that is nearly ours is no key of the user's own."""

from __future__ import annotations

import pytest

from homeport.description.host_keys import KEYS, OLD_KEYS, check_names, check_old_names
from homeport.errors import UserError
from homeport.manifest import Rollout


@pytest.mark.parametrize("name", ["architectur", "architecure", "debain", "allow_dirt"])
def test_host_keys__a_key_that_is_nearly_ours_is_named_with_the_one_that_was_meant(
    name: str,
) -> None:
    with pytest.raises(UserError, match=rf"^group_data: {name}: .* Fix: write (arch|deb|allow)"):
        check_names({name: 1})


@pytest.mark.parametrize(("old", "new"), OLD_KEYS.items())
def test_host_keys__an_old_name_is_answered_with_the_new_one_and_its_place(
    old: str, new: str
) -> None:
    outer, _, inner = old.partition(".")
    data = {outer: {inner: 1} if inner else 1}
    output = rf"^group_data: {old}: '{inner or outer}' is called '{new}'\. Fix: write {new}\.$"
    with pytest.raises(UserError, match=output):
        check_names(data)
    assert new in (KEYS if not inner else Rollout.model_fields)
    check_old_names({outer: {new: 1} if inner else None, new: 1})


def test_host_keys__other_keys_are_the_users_own() -> None:
    check_names({"app": {}, "debian": "12", "apps": 1, "ssh_user": "x", "_sudo": True, "site": "x"})
