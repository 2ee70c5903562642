"""An application has an account of its own, and takes over nothing that is there already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from homeport.engine.kind import DesiredState, PreconditionError
from homeport.operations.users.kind import diff
from homeport.operations.users.probe import Account, DirectoryState, UsersState
from homeport.operations.users.resources import COMMENT, NOLOGIN, ServiceUser
from tests.support.planned_names import names

SHOP = ServiceUser(
    "shop",
    "/var/lib/shop",
    ("/var/lib/shop", "/var/cache/shop", "/var/log/shop"),
    ("/run/shop-web",),
    "/srv/shop",
)
OURS = Account(COMMENT, "/var/lib/shop", NOLOGIN[0])
THEIRS = Account("", "/var/lib/shop", NOLOGIN[0])
KNOWN = frozenset({"shop"})
MINE = DirectoryState("d", "shop")
ROOTS = DirectoryState("d", "root")


def refusal(actual: UsersState) -> str:
    with pytest.raises(PreconditionError) as refused:
        diff(DesiredState("shop", (SHOP,)), actual)
    text = str(refused.value)
    assert text.endswith("; give the application another name in app.yml")
    return text.removesuffix("; give the application another name in app.yml")


@given(names, names)
def test_users__accounts_that_are_missing_are_added_and_no_others(
    described: set[str], there: set[str]
) -> None:
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in sorted(described)))
    changes = diff(description, UsersState(dict.fromkeys(there, OURS)))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target.name for change in changes}
    assert after == there | described
    assert diff(description, UsersState(dict.fromkeys(after, OURS))) == []


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh", ""])
@pytest.mark.parametrize("known", [KNOWN, frozenset[str]()])
def test_users__an_account_that_a_person_logs_in_to_is_never_taken_for_a_service(
    shell: str, known: frozenset[str]
) -> None:
    actual = UsersState({"shop": OURS._replace(shell=shell)}, known=known)
    assert refusal(actual) == "account shop exists, and can log in"


def test_users__an_account_is_known_by_its_comment_or_by_an_earlier_deploy() -> None:
    assert refusal(UsersState({"shop": THEIRS})) == (
        "account shop exists, and homeport did not make it"
    )
    elsewhere = {"shop": THEIRS._replace(home="/run/shop")}
    assert "did not make it" in refusal(UsersState(elsewhere, known=KNOWN))
    for accounts, known in (({"shop": OURS}, frozenset[str]()), ({"shop": THEIRS}, KNOWN)):
        assert diff(DesiredState("shop", (SHOP,)), UsersState(accounts, known=known)) == []


def test_users__a_group_of_others_is_not_taken_over() -> None:
    actual = UsersState(groups=frozenset({"shop"}))
    assert refusal(actual) == "group shop exists, and homeport did not make it"


@pytest.mark.parametrize("path", [*SHOP.directories, *SHOP.runtime, "/srv/shop"])
@pytest.mark.parametrize(
    ("there", "whose"),
    [
        (ROOTS, "is there, and belongs to root"),
        (DirectoryState("d", "mosquitto"), "is there, and belongs to mosquitto"),
        (DirectoryState("d", "998"), "is there, and belongs to 998"),
        (DirectoryState("f", "root"), "is there, and is no directory"),
        (DirectoryState("l", "root"), "is there, and is no directory"),
        (
            replace(ROOTS, packages="systemd", empty=True, mounted=True),
            "belongs to the Debian package systemd",
        ),
    ],
)
def test_users__a_directory_of_others_is_not_taken_over(
    path: str, there: DirectoryState, whose: str
) -> None:
    assert refusal(UsersState(directories={path: there})) == f"{path} {whose}"


def test_users__all_that_is_in_the_way_is_named_at_once() -> None:
    found = {"/var/log/shop": ROOTS, "/srv/shop": ROOTS}
    actual = UsersState({"shop": THEIRS}, directories=found)
    assert refusal(actual) == (
        "account shop exists, and homeport did not make it; "
        "/var/log/shop is there, and belongs to root; /srv/shop is there, and belongs to root"
    )


@pytest.mark.parametrize(
    ("path", "there", "known"),
    [
        # Of an earlier deploy.
        *((path, MINE, KNOWN) for path in (*SHOP.directories, *SHOP.runtime)),
        ("/srv/shop", ROOTS, KNOWN),
        # Its account was removed, or a backup put back.
        ("/var/lib/shop", DirectoryState("d", "998"), KNOWN),
        ("/var/lib/shop", ROOTS, KNOWN),
        # A disk of its own was mounted for it, before there was an account.
        ("/var/lib/shop", replace(ROOTS, empty=True, mounted=True), frozenset[str]()),
        ("/srv/shop", replace(ROOTS, empty=True), frozenset[str]()),
        # A first deploy came no further.
        ("/var/lib/shop", MINE, frozenset[str]()),
    ],
)
def test_users__a_directory_of_its_own_is_kept(
    path: str, there: DirectoryState, known: frozenset[str]
) -> None:
    actual = UsersState({"shop": OURS}, known=known, directories={path: there})
    assert diff(DesiredState("shop", (SHOP,)), actual) == []


@pytest.mark.parametrize("there", [ROOTS, replace(ROOTS, empty=True), replace(ROOTS, mounted=True)])
def test_users__a_directory_of_roots_is_none_that_was_made_for_it(there: DirectoryState) -> None:
    assert "belongs to root" in refusal(UsersState(directories={"/var/lib/shop": there}))
    runtime = UsersState({"shop": OURS}, known=KNOWN, directories={"/run/shop-web": there})
    assert "/run/shop-web is there, and belongs to root" in refusal(runtime)
