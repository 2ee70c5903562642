"""The making of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import Change, Commands, DesiredState, payloads
from homeport.operations.users.probe import UsersState
from homeport.operations.users.resources import COMMENT, ServiceUser


def apply(
    description: DesiredState, actual: UsersState, changes: Sequence[Change[ServiceUser]]
) -> Commands:
    """Yield one ``useradd`` for each missing account."""
    for account in payloads(changes, ServiceUser):
        yield StringCommand(
            "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin",
            f"--comment {quote(COMMENT)} --home-dir {quote(account.home)} {quote(account.name)}",
        )
