"""System accounts: a user and a group of one name, without a password, a shell or a home to fill.

Accounts are added and never removed: files of theirs may be anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeOutput,
    Reason,
    Target,
    payloads,
)
from homeport.engine.phase import operation_for

NAME = "users"
NOLOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/false")


@dataclass(frozen=True)
class ServiceUser:
    """A system user, with a group of the same name, that services run as."""

    name: str
    home: str


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the passwd entry of each described account that exists."""
    names = " ".join(quote(account.name) for account in description.of(ServiceUser))
    if not names:
        return ":\n"
    # getent exits 2 when one of the names isn't there.
    return f"getent passwd {names} || [ $? = 2 ]\n"


def parse(answer: ProbeOutput) -> dict[str, str]:
    """Return the shell of each account that exists."""
    entries = (line.split(":") for line in answer.text.splitlines())
    return {entry[0]: entry[-1] for entry in entries}


class Why(Reason):
    """The reasons why an account is to be added."""

    MISSING = "no such account; a revert leaves it"


def diff(
    description: DesiredState, actual: dict[str, str], pending: PendingTargets = NOTHING
) -> list[Change[ServiceUser]]:
    """Return one change for each account that is missing.

    Raises ``PreconditionError`` for one that can log in: it isn't ours, and a service
    that ran as that person could do all that they may.
    """
    for account in description.of(ServiceUser):
        if actual.get(account.name, NOLOGIN[0]) not in NOLOGIN:
            raise PreconditionError(
                f"account {account.name} exists, and can log in; "
                "give the application another name in app.yml"
            )
    return [
        Change("add", Target(NAME, account.name), (Why.MISSING(),), account)
        for account in description.of(ServiceUser)
        if account.name not in actual
    ]


def apply(
    description: DesiredState, actual: dict[str, str], changes: Sequence[Change[ServiceUser]]
) -> Commands:
    """Yield one ``useradd`` for each missing account."""
    for account in payloads(changes, ServiceUser):
        yield StringCommand(
            "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin",
            f"--home-dir {quote(account.home)} {quote(account.name)}",
        )


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Make the described accounts that are missing."""
