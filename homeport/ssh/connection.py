"""The seam to the connection: all that other packages ask of it, and nothing of how it is made.

What carries it (pyinfra's SSH connector and paramiko, or ``homeport.openssh``) is known in this
folder alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.connectors.util import CommandOutput

from homeport.openssh.connector import OpenSSHConnector
from homeport.ssh import connect_errors, early_connect, reconnect
from homeport.ssh.address import Address
from homeport.ssh.early_connect import Connecting as Connecting

FAILURES = reconnect.FAILURES
"""What a connection that can't be made, or breaks, raises."""


def is_ssh(host: Host) -> bool:
    """Return whether a host is reached by SSH, and not by a connector of another kind."""
    return early_connect.is_ssh(host)


def connect_early(hosts: Iterable[Host], parallel: int) -> list[Connecting]:
    """Begin to connect to the hosts that are reached by SSH; return a greenlet for each.

    + parallel: how many connections are made at a time
    """
    return early_connect.connect_early(hosts, parallel)


def explain_failures(state: State) -> None:
    """Replace the error of each failing connection by one line with its cause and its fix.

    The other hosts go on, and the run still fails. Call it when the hosts are known and none is
    connected yet.
    """
    connect_errors.explain_connect_errors(state)


def enter_first(
    host: Host,
    address: Address,
    user: str | None,
    password: Callable[[], str],
    expected: str | None = None,
) -> None:
    """Set a host's connector to one that logs in by key, or by the password it came with.

    + user: who can log in to the fresh image, None if only a key may
    + password: reads that user's password, and is called only if it is needed
    + expected: fingerprint that one of the host's keys must have
    """
    # A deploy spares itself the import.
    from homeport.ssh.first_login import FirstLogin, LoginPlan

    host.connector = FirstLogin(host.state, host, LoginPlan(address, user, password, expected))


def hold(host: Host) -> None:
    """Hold a host's login: it ends with this process, even where it is kept for later runs.

    The host takes the end of the login for the end of its deploy.
    """
    if isinstance(host.connector, OpenSSHConnector):
        host.connector.session.hold()


def run_anew(host: Host, command: StringCommand, **arguments: Any) -> tuple[bool, CommandOutput]:
    """Run a command over a connection of its own; return whether it exits with 0, and its output.

    Raises one of ``FAILURES`` if the connection can't be made, or breaks.
    """
    if isinstance(host.connector, OpenSSHConnector):
        return host.connector.run_anew(command, **arguments)
    return reconnect.run(host, command, **arguments)


def reason_against(host: Host) -> str | None:
    """Return why the deploying user can't log in anew and become root, None if that works."""
    return reconnect.reason_against(host)


def reason_against_closed(host: Host, patience: float) -> str | None:
    """Return why a host still takes passwords or refuses our key too, None if all is well.

    + patience: seconds until a host that still takes passwords counts as one that does
    """
    return reconnect.reason_against_closed(host, patience)
