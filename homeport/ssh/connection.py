"""The seam to the connection: all that other packages ask of it, and nothing of how it is made.

What carries it is known in this folder alone: ``homeport.openssh``, and pyinfra's own SSH where an
inventory names that. A second login goes by the system's ssh in any case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.connectors.util import CommandOutput

from homeport.openssh import secret
from homeport.openssh.connector import OpenSSHConnector
from homeport.openssh.errors import HostError
from homeport.openssh.question import Asks
from homeport.ssh import connect_errors, early_connect
from homeport.ssh.address import Address
from homeport.ssh.early_connect import Connecting as Connecting

FAILURES = (ConnectError, PyinfraError, HostError, OSError, EOFError)
"""What a connection that can't be made, or breaks, raises."""
PAUSE = 0.5
IS_ROOT = "if sudo -n true 2>/dev/null; then echo root; fi"


def is_ssh(host: Host) -> bool:
    """Return whether a host is reached by SSH, and not by a connector of another kind."""
    return isinstance(host.connector, OpenSSHConnector | SSHConnector)


def mask_passwords(host: Host) -> None:
    """Make the masks know each password that host data have in clear."""
    secret.concealed(host.data.dict())


def connect_early(hosts: Iterable[Host], parallel: int) -> list[Connecting]:
    """Begin to connect to the hosts that are reached by SSH; return a greenlet for each.

    + parallel: how many connections are made at a time
    """
    return early_connect.connect_early(filter(is_ssh, hosts), parallel)


def explain_failures(state: State) -> None:
    """Replace the error of each failing connection by one line with its cause and its fix.

    A command that reaches a limit of host data fails so, too, whatever connects to its host.
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


def hold(host: Host) -> bool:
    """Hold a host's login: it lasts as long as this process, even where it is kept for later runs.

    The host takes the end of the login for the end of its deploy. Return False where each command
    has a login of its own.
    """
    connector = host.connector
    return connector.session.hold() if isinstance(connector, OpenSSHConnector) else True


def run_anew(host: Host, command: StringCommand, **arguments: Any) -> tuple[bool, CommandOutput]:
    """Run a command over a connection of its own; return whether it exits with 0, and its output.

    A host that isn't reached by SSH runs it in a new process, as any command.
    Raises one of ``FAILURES`` if the connection can't be made, or breaks.
    """
    if not is_ssh(host):
        return host.run_shell_command(command, **arguments)
    return _openssh(host).run_anew(command, **arguments)


def reason_against(host: Host) -> str | None:
    """Return why the deploying user can't log in anew and become root, None if that works.

    The host's key must be pinned, even where host data don't require it.
    """
    connector = _strict(host)
    try:
        connector.session.resolve()
        is_root = connector.session.user == "root"
        _, output = connector.run_anew(StringCommand("echo root" if is_root else IS_ROOT))
    except FAILURES as error:
        return str(error) or type(error).__name__
    if output.stdout_lines[-1:] != ["root"]:
        return f"{connector.session.user} logs in, but sudo asks for a password"
    return None


def reason_against_closed(host: Host, patience: float) -> str | None:
    """Return why a host still takes passwords or refuses our key too, None if all is well.

    A daemon that is just reloading its settings may need a moment: a host that takes passwords
    is probed again until the patience is over, one that takes none passes at once.

    + patience: seconds until a host that still takes passwords counts as one that does
    """
    deadline = time.monotonic() + patience
    while reason := _still_open(host):
        if time.monotonic() > deadline:
            return reason
        time.sleep(PAUSE)
    return reason_against(host)


def _still_open(host: Host) -> str | None:
    try:
        ways = _strict(host).session.ways_in()
    except HostError as error:
        return str(error)
    found = {"password", "keyboard-interactive"} & set(ways)
    return f"it still takes {' and '.join(sorted(found))}" if found else None


def _openssh(host: Host) -> OpenSSHConnector:
    if isinstance(host.connector, OpenSSHConnector):
        return host.connector
    return OpenSSHConnector(host.state, host)


def _strict(host: Host) -> OpenSSHConnector:
    # As the next deploy will log in: by host data alone, and to a key that is pinned.
    # A password that the user types proves nothing: it is about to be refused.
    connector = OpenSSHConnector(host.state, host, Asks.KEY)
    connector.data = {**connector.data, "ssh_strict_host_key_checking": "yes"}
    return connector
