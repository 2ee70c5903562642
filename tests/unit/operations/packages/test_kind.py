"""Packages and accounts are added where they are missing, and never taken away."""

from __future__ import annotations

import pytest
from hypothesis import given

from homeport.engine.kind import DesiredState, PreconditionError
from homeport.operations.packages import kind
from homeport.operations.packages.probe import PackagesState
from homeport.operations.packages.resources import Package
from homeport.operations.users import kind as users
from homeport.operations.users.probe import UsersState
from homeport.operations.users.resources import ServiceUser
from tests.support.planned_names import names


@given(names, names)
def test_packages_that_are_missing_are_added_and_no_others(
    described: set[str], there: set[str]
) -> None:
    description = DesiredState("shop", tuple(Package(name) for name in sorted(described)))
    changes = kind.diff(description, PackagesState(frozenset(there)))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target.name for change in changes}
    assert after == there | described
    assert kind.diff(description, PackagesState(frozenset(after))) == []


def test_packages__a_plan_says_that_a_revert_leaves_them() -> None:
    description = DesiredState("shop", (Package("curl"), ServiceUser("shop", "/x")))
    (package,) = kind.diff(description, PackagesState(frozenset()))
    (account,) = users.diff(description, UsersState())
    assert "a revert leaves it" in package.reason
    assert "a revert leaves it" in account.reason


def test_packages__a_name_that_others_provide_is_refused_with_the_name_to_write() -> None:
    description = DesiredState("shop", (Package("curl"), Package("libssl3"), Package("awk")))
    providers = tuple(f"awk{number}" for number in range(7))
    virtual = {"libssl3": ("libssl3t64",), "awk": providers, "curl": ("curl-minimal",)}
    with pytest.raises(PreconditionError) as refused:
        kind.diff(description, PackagesState(frozenset({"curl"}), virtual))
    assert str(refused.value) == (
        "libssl3 is provided by libssl3t64 on this Debian; name that below apt_packages, for hosts "
        "of this release alone in group_data; awk is provided by awk0, awk1, awk2, awk3, awk4 and "
        "2 more on this Debian; name one of them below apt_packages, for hosts of this release "
        "alone in group_data"
    )
