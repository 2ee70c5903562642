"""The reason that a host can't be reached: one line with its name, the cause and the fix."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pyinfra import logger
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.ssh import SSHConnector

from homeport.errors import UserError
from homeport.openssh import errors, options, secret
from homeport.openssh.errors import Way
from homeport.ssh.address import settings
from homeport.ssh.bounded import bound

STRICT = "ssh_strict_host_key_checking"
ECHOES = (
    *("WARNING: REMOTE HOST IDENTIFICATION", "Someone could be eavesdropping"),
    *("If this is expected, you can remove", "    ssh-keygen -R", "No host key for "),
)
"""What pyinfra says beside the error that it raises: the line of ours says it all."""


def explain_connect_errors(state: State) -> None:
    """Replace the error of each failing connection by one line with its cause and its fix.

    The other hosts go on, and the run still fails. Call it when the hosts are known and none is
    connected yet. A host of ``@openssh`` explains itself, and bounds its commands. Of others an
    unknown host key is refused as well, unless host data say otherwise.
    """
    for host in state.inventory:
        if isinstance(host.connector, SSHConnector):
            _refuse_unknown(host)
            host.connector.connect = _telling(host)  # type: ignore[method-assign] # of this host alone
            connector: Any = host.connector
            # It prints how it connects, where debugging is asked for.
            connector.data = secret.concealed(connector.data)
            bound(host)
            logger.addFilter(_is_no_echo)
            # It prints the stack of its thread where a connection breaks.
            logging.getLogger("paramiko").addHandler(logging.NullHandler())
    ask: Callable[[State], bool] | None = state.should_raise_failed_hosts
    if ask is not None:
        state.should_raise_failed_hosts = lambda state: (
            state.current_stage != StateStage.Connect and ask(state)
        )


def _refuse_unknown(host: Host) -> None:
    # pyinfra's default, accept-new, has a first deploy send all that it has to whatever answers.
    if STRICT not in host.data.dict():
        host.connector.data[STRICT] = "yes"


def _telling(host: Host) -> Callable[[], None]:
    connect = host.connector.connect

    def connect_or_tell() -> None:
        try:
            connect()
        except Exception as error:
            # Whatever it is, such as a key that can't be read: it is this host's alone.
            raise ConnectError(_explained(error, host)) from None

    return connect_or_tell


def _explained(error: Exception, host: Host) -> str:
    try:
        return explain(str(error), host.name, host.data.dict())
    except UserError as unreadable:
        return str(unreadable)


def explain(error: str, name: str, data: Mapping[str, Any]) -> str:
    """Return one line for a host of pyinfra's own SSH: the cause of its error, and the fix."""
    known = settings(name, data)
    target = options.where(name, data)
    config, file = data.get("ssh_config_file"), data.get("ssh_known_hosts_file")
    port = known["port"][0]
    user = str(data.get("ssh_user") or "")
    way = Way(target, known["hostname"][0], port, user, str(config or ""), str(file or ""))
    line = errors.explain(" ".join(error.split()) or "no reason is given", way)
    if not line.startswith(errors.OTHER[0].partition(":")[0]):
        return line
    return line.replace("see what", f"name it @openssh/{target} in the inventory, or see what")


def _is_no_echo(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(ECHOES)
