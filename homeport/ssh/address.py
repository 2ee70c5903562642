"""The address of a host and its names, by its data and the ssh_config, without a connection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pyinfra.connectors.sshuserclient.client import get_ssh_config

from homeport.ssh import known_hosts

OWN = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
"""The keys that a connection tries when neither host data nor ssh_config name one."""


class Address(NamedTuple):
    """A host's name in known_hosts, the path of that file, and the private keys to log in by."""

    name: str
    known_hosts: Path
    identities: tuple[str, ...]


def options_of(host: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of ssh_config(5) for a host, by their names in lower case.

    `hostname` and `port` (a number) are always there: host data decide first, as in pyinfra.
    """
    alias = str(data.get("ssh_hostname") or host.removeprefix("@ssh/").removeprefix("@openssh/"))
    config = get_ssh_config(data.get("ssh_config_file"))
    settings: Mapping[str, Any] = config.lookup(alias) if config else {}
    port = data.get("ssh_port") or settings.get("port") or 22
    return {**settings, "hostname": settings.get("hostname") or alias, "port": int(port)}


def address(host: str, data: Mapping[str, Any]) -> Address:
    """Return the address of a host by its data and ssh_config(5), as pyinfra connects to it."""
    options = options_of(host, data)
    place, port = options["hostname"], options["port"]
    theirs = str(options.get("userknownhostsfile", "~/.ssh/known_hosts")).split()[0]
    file = Path(data.get("ssh_known_hosts_file") or theirs).expanduser()
    key = data.get("ssh_key")
    named = options.get("identityfile") or OWN
    return Address(
        known_hosts.named(place, port),
        file,
        (str(key),) if key else (named,) if isinstance(named, str) else tuple(named),
    )
