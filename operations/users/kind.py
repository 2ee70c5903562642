"""System accounts: a user and a group of one name, without a password, a shell or a home to fill.

Accounts are added and never removed: files of theirs may be anywhere. What is there already and
isn't the application's own is never taken over: systemd would give it all that is in a directory.
"""

from __future__ import annotations

from collections.abc import Iterator

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    Reason,
    Target,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.operations.users.probe import DirectoryState, UsersState, parse, probe
from homeport.operations.users.resources import COMMENT, NAME, NOLOGIN, ServiceUser

FIX = "give the application another name in app.yml"


class Why(Reason):
    """The reasons why an account is to be added."""

    MISSING = "no such account; a revert leaves it"


def diff(
    description: DesiredState, actual: UsersState, pending: PendingTargets = NOTHING
) -> list[Change[ServiceUser]]:
    """Return one change for each account that is missing.

    Raises ``PreconditionError`` for an account, a group or a directory that isn't the
    application's own: one of the system, of a package, or of a person.
    """
    users = description.of(ServiceUser)
    if found := [each for user in users for each in _strangers(user, actual)]:
        raise PreconditionError(f"{'; '.join(found)}; {FIX}")
    return [
        Change("add", Target(NAME, account.name), (Why.MISSING(),), account)
        for account in users
        if account.name not in actual.accounts
    ]


def _strangers(user: ServiceUser, actual: UsersState) -> Iterator[str]:
    entry, is_known = actual.accounts.get(user.name), user.name in actual.known
    if entry is not None and entry.shell not in NOLOGIN:
        yield f"account {user.name} exists, and can log in"
    elif (
        entry is not None
        and entry.comment != COMMENT
        and not (is_known and entry.home == user.home)
    ):
        yield f"account {user.name} exists, and homeport did not make it"
    elif entry is None and user.name in actual.groups:
        yield f"group {user.name} exists, and homeport did not make it"
    for path in (*user.directories, *user.runtime, user.code):
        there = actual.directories.get(path or "")
        if there is not None and (whose := _whose(user, path or "", there, is_known)):
            yield f"{path} {whose}"


def _whose(user: ServiceUser, path: str, there: DirectoryState, is_known: bool) -> str | None:
    """Return whose a path is if it isn't free for the application, None if it is."""
    if there.packages:
        return f"belongs to the Debian package {there.packages}"
    if there.type != "d":
        return "is there, and is no directory"
    if path == user.code:
        free = there.owner == "root" and (is_known or there.empty)
    else:
        # What a disk was mounted for may be empty; the account that had it may have been removed.
        free = there.owner == user.name or (is_known and there.owner.isdigit())
        if path in user.directories and there.owner == "root":
            free = is_known or (there.empty and there.mounted)
    return None if free else f"is there, and belongs to {there.owner}"


KIND = Kind(NAME, probe, parse, diff, when_changed("homeport.operations.users.apply"))
converge = operation_for(KIND)
"""Make the described accounts that are missing."""
