"""Log in a second time, as the next deploy will: what only a new connection can prove."""

from __future__ import annotations

import time
from typing import Any

from paramiko import BadAuthenticationType, SSHException, Transport
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.connectors.sshuserclient.client import SSHClient, get_host_keys
from pyinfra.connectors.util import CommandOutput

PAUSE = 0.5

FAILURES = (ConnectError, PyinfraError, SSHException, OSError, EOFError)
"""What a connection that can't be made, or breaks, raises."""


def run(host: Host, command: StringCommand, **arguments: Any) -> tuple[bool, CommandOutput]:
    """Run a command over a connection of its own; return whether it exits with 0, and its output.

    A host that isn't reached by SSH runs it in a new process, as any command.
    Raises one of ``FAILURES`` if the connection can't be made, or breaks.
    """
    if not isinstance(host.connector, SSHConnector):
        return host.run_shell_command(command, **arguments)
    # What is pinned may have changed since pyinfra read it.
    get_host_keys.cache.clear()
    connector = _anew(host.connector)
    try:
        connector.connect()
        return connector.run_shell_command(command, **arguments)
    finally:
        _close(connector.client)


def _anew(connector: SSHConnector) -> SSHConnector:
    # One that was made with more than pyinfra gives knows itself how to be made again.
    make = getattr(connector, "anew", None)
    made: SSHConnector = make() if make else type(connector)(connector.state, connector.host)
    return made


def reason_against(host: Host) -> str | None:
    """Return why the deploying user can't log in anew and become root, None if that works.

    The host's key must be pinned, even where host data don't require it.
    """
    connector = _connector(host)
    try:
        connector.connect()
        command = StringCommand("if sudo -n true 2>/dev/null; then echo root; fi")
        done, output = connector.run_shell_command(command)
    except FAILURES as error:
        return str(error) or type(error).__name__
    finally:
        _close(connector.client)
    if not done or output.stdout_lines[-1:] != ["root"]:
        return f"{connector.data['ssh_user']} logs in, but sudo asks for a password"
    return None


def reason_against_closed(host: Host, patience: float) -> str | None:
    """Return why a host still takes passwords or refuses our key too, None if all is well.

    A daemon that is just reloading its settings may need a moment: a host that takes passwords
    is probed again for ``patience`` seconds, one that takes none passes at once.
    """
    deadline = time.monotonic() + patience
    while reason := _still_open(host):
        if time.monotonic() > deadline:
            return reason
        time.sleep(PAUSE)
    return reason_against(host)


def _still_open(host: Host) -> str | None:
    try:
        ways = _ways_in(host)
    except (PyinfraError, SSHException, OSError, EOFError) as error:
        return str(error) or type(error).__name__
    found = {"password", "keyboard-interactive"} & set(ways)
    return f"it still takes {' and '.join(sorted(found))}" if found else None


class _Asking:
    # In the place of a login: a server that is asked for nothing says what it would take.
    def __init__(self, user: str) -> None:
        self.user, self.ways = user, ["none"]

    def authenticate(self, transport: Transport) -> None:
        try:
            transport.auth_none(self.user)
        except BadAuthenticationType as error:
            self.ways = error.allowed_types


def _ways_in(host: Host) -> list[str]:
    connector = _connector(host)
    known: dict[str, Any] = connector.make_paramiko_kwargs()
    asking, client = _Asking(str(known.get("username"))), SSHClient()
    try:
        client.connect(known.pop("hostname"), auth_strategy=asking, **known)
    finally:
        _close(client)
    return asking.ways


def _connector(host: Host) -> SSHConnector:
    # What is pinned may have changed since pyinfra read it.
    get_host_keys.cache.clear()
    connector = SSHConnector(host.state, host)
    connector.data["ssh_strict_host_key_checking"] = "yes"
    return connector


def _close(client: SSHClient | None) -> None:
    if client is not None:
        client.close()
