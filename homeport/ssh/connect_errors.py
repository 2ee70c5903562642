"""The reason that a host can't be reached: one line with its name, the cause and the fix."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Any

from pyinfra import logger
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.state import State, StateStage

from homeport.openssh.connector import OpenSSHConnector
from homeport.ssh.same_machine import address_of

SYMPTOMS: tuple[tuple[str, str, str], ...] = (
    (
        "Could not resolve hostname",
        "there is no address for {machine}",
        "correct its name in the inventory, set ssh_hostname, or see `getent hosts {machine}`",
    ),
    (
        "timed out|No route to host|Network is unreachable|Host is down",
        "it does not answer at {machine}",
        "check that it is on, and on this network: `ping -c 3 {machine}`",
    ),
    (
        "Unable to connect to port|Connection refused",
        "nothing listens on port {port} of {machine}",
        "start its SSH server (`systemctl start ssh`, at its own keyboard), or set ssh_port",
    ),
    (
        "Host key for .* does not match",
        "its host key has changed: it is another machine, or was reinstalled",
        "compare its fingerprint (`ssh-keyscan -p {port} {machine} | ssh-keygen -lf -`) with the "
        "one that it shows at its own keyboard; only if they are one, run "
        "`ssh-keygen -R {entry}{known_hosts}`, then log in once: `{ssh}`",
    ),
    (
        "No host key for .* found in known_hosts|EOF when reading a line",
        "its host key is not known here",
        "log in once, and compare the fingerprint that you are shown: `{ssh}`",
    ),
    (
        "Authentication error|No authentication methods available|No existing session",
        "it refuses the key of {user}",
        "install the key with `ssh-copy-id -p {port} {login}`, or set ssh_user and ssh_key",
    ),
    (
        "No such private key file|Private key file|Invalid key|Invalid private key",
        "the login key can't be used: {said}",
        "set ssh_key to a key that `ssh-keygen -y -f KEY` can read",
    ),
    (
        "protocol banner|EOF error",
        "what listens on port {port} of {machine} is no SSH server, or it hangs up",
        "set ssh_port, or see what `{ssh}` says",
    ),
)
OTHER = ("it can't be reached: {said}", "see what `{ssh}` says")
ECHOES = re.compile(
    "WARNING: REMOTE HOST IDENTIFICATION|Someone could be eavesdropping"
    "|If this is expected, you can remove|    ssh-keygen -R|No host key for .* in known_hosts$"
)
"""What pyinfra says beside the error that it raises: the line of ours says it all."""


def explain_connect_errors(state: State) -> None:
    """Replace the error of each failing connection by one line with its cause and its fix.

    The other hosts go on, and the run still fails. Call it when the hosts are known and none is
    connected yet.
    """
    for host in state.inventory:
        # One that is reached by OpenSSH explains itself.
        if not isinstance(host.connector, OpenSSHConnector):
            host.connector.connect = _telling(host)  # type: ignore[method-assign] # of this host alone
    logger.addFilter(_is_no_echo)
    # It prints the stack of its thread where a connection breaks, and pyinfra says that it broke.
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    ask: Callable[[State], bool] | None = state.should_raise_failed_hosts
    if ask is not None:
        state.should_raise_failed_hosts = lambda state: (
            state.current_stage != StateStage.Connect and ask(state)
        )


def _telling(host: Host) -> Callable[[], None]:
    connect = host.connector.connect

    def connect_or_tell() -> None:
        try:
            connect()
        except Exception as error:
            # Whatever it is, such as a key that can't be read: it is this host's alone.
            raise ConnectError(explain(str(error), host.name, host.data.dict())) from None

    return connect_or_tell


def explain(error: str, name: str, data: dict[str, Any]) -> str:
    """Return one line for a host: the cause of its connection's error, and the fix.

    `error` is the text of the error, `name` the host's in the inventory, `data` its host data.
    """
    machine, port, *_ = (*address_of(name, data), "22")
    user = str(data.get("ssh_user") or "")
    login = f"{user}@{machine}" if user else machine
    config = data.get("ssh_config_file")
    options = f"-F {quote(str(config))} " if config else ""
    target = name if config else login
    known_hosts = data.get("ssh_known_hosts_file")
    words = {
        "said": " ".join(error.split()) or "no reason is given",
        "machine": machine,
        "port": port,
        "user": user or "this account",
        "login": login,
        "ssh": f"ssh {options}{'' if config else f'-p {port} '}{quote(target)}",
        "entry": quote(machine if port == "22" else f"[{machine}]:{port}"),
        "known_hosts": f" -f {quote(str(Path(known_hosts).expanduser()))}" if known_hosts else "",
    }
    what, fix = next((s[1:] for s in SYMPTOMS if re.search(s[0], error)), OTHER)
    return f"{what.format(**words)}. Fix: {fix.format(**words)}."


def _is_no_echo(record: logging.LogRecord) -> bool:
    return not ECHOES.match(record.getMessage())
