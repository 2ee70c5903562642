"""The keys of host data that the connector reads, with their defaults."""

from __future__ import annotations

from typing import Any, TypedDict

from pyinfra.connectors.base import DataMeta

Secret = str | dict[str, Any]
"""A password, or where it is kept: ``{"file": PATH}`` or ``{"command": [WORD, ...]}``."""


class ConnectorData(TypedDict):
    """Those that pyinfra's own SSH connector has mean the same here."""

    ssh_hostname: str
    ssh_port: int
    ssh_user: str
    ssh_password: Secret
    ssh_key: str
    ssh_forward_agent: bool
    ssh_config_file: str
    ssh_known_hosts_file: str
    ssh_strict_host_key_checking: str
    ssh_persist: int
    ssh_keepalive: int
    ssh_connect_timeout: int
    ssh_first_byte_timeout: int
    ssh_command_timeout: int
    ssh_output_limit: int
    sudo_password: Secret


META: dict[str, DataMeta] = {
    "ssh_hostname": DataMeta("Name or address that ssh connects to, the inventory's by default"),
    "ssh_port": DataMeta("Port of the SSH server"),
    "ssh_user": DataMeta("User to log in as"),
    "ssh_password": DataMeta("Password of that user, where no key opens the host"),
    "ssh_key": DataMeta("File of the private key to log in with, and no other key"),
    "ssh_forward_agent": DataMeta("Whether to forward the agent", False),
    "ssh_config_file": DataMeta("File to read instead of ~/.ssh/config and /etc/ssh/ssh_config"),
    "ssh_known_hosts_file": DataMeta("File of the keys of known hosts"),
    "ssh_strict_host_key_checking": DataMeta("StrictHostKeyChecking of ssh_config(5)"),
    "ssh_persist": DataMeta("Seconds for which a login is kept after a run; 0 ends it", 60),
    "ssh_keepalive": DataMeta(
        "Seconds between questions to a silent host, of which three may go unanswered", 10
    ),
    "ssh_connect_timeout": DataMeta("Seconds to connect in; pyinfra's CONNECT_TIMEOUT by default"),
    "ssh_first_byte_timeout": DataMeta("Seconds in which a host has to begin a command", 60),
    "ssh_command_timeout": DataMeta("Seconds in which a command has to end", 3600),
    "ssh_output_limit": DataMeta(
        "Bytes that a command may print, where each line counts for 256 more", 16 * 2**20
    ),
    "sudo_password": DataMeta("Password for sudo, where it asks for one"),
}
