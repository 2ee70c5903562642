"""The people's account on a host: it has a home and a shell, and no password at all.

What lets it in are files: its authorized_keys, and a file that gives it sudo.
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
from homeport.operations.users.resources import NOLOGIN

NAME = "admin-users"


@dataclass(frozen=True)
class AdminUser:
    """The user that deploys: an ordinary one, made if it isn't there and never removed."""

    name: str

    @property
    def home(self) -> str:
        """The directory of its files."""
        return f"/home/{self.name}"


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the passwd entry of each operator that exists."""
    names = " ".join(quote(operator.name) for operator in description.of(AdminUser))
    # getent exits 2 when one of the names isn't there.
    return f"getent passwd {names} || [ $? = 2 ]\n"


def parse(answer: ProbeOutput) -> dict[str, list[str]]:
    """Return the passwd entry of each operator that exists."""
    entries = (line.split(":") for line in answer.lines)
    return {entry[0]: entry for entry in entries}


class Why(Reason):
    """The reasons why an operator is to be added."""

    MISSING = "no such user; a revert leaves it"


def diff(
    description: DesiredState, actual: dict[str, list[str]], pending: PendingTargets = NOTHING
) -> list[Change[AdminUser]]:
    """Return one change for each operator that is missing.

    Raises ``PreconditionError`` for an account of that name which isn't one to log in to.
    """
    changes: list[Change[AdminUser]] = []
    for operator in description.of(AdminUser):
        if operator.name not in actual:
            changes.append(Change("add", Target(NAME, operator.name), (Why.MISSING(),), operator))
            continue
        _, _, uid, _, _, home, shell = actual[operator.name]
        if uid == "0" or home != operator.home or shell in NOLOGIN:
            raise PreconditionError(
                f"user {operator.name} is there with the id {uid}, the home {home} and the shell "
                f"{shell}, so it isn't one to deploy as; name another ssh_user"
            )
    return changes


def apply(
    description: DesiredState, actual: dict[str, list[str]], changes: Sequence[Change[AdminUser]]
) -> Commands:
    """Yield one ``useradd`` for each missing operator."""
    for operator in payloads(changes, AdminUser):
        # An asterisk is no password and no lock either: sshd may turn a locked account away.
        yield StringCommand(
            "useradd --user-group --create-home --shell /bin/bash --password '*'",
            f"--home-dir {quote(operator.home)} {quote(operator.name)}",
        )


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Make the described operators that are missing."""
