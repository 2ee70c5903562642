"""The address of a host and its names, as the system's ssh has them, without a connection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from homeport.errors import UserError
from homeport.openssh import options
from homeport.openssh.options import SshConfigError
from homeport.ssh import known_hosts

CONNECTORS = ("@ssh/", "@openssh/")


class Address(NamedTuple):
    """A host's name in known_hosts, the path of that file, and the private keys to log in by."""

    name: str
    known_hosts: Path
    identities: tuple[str, ...]


def settings(host: str, data: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Return the options of ssh_config(5) for a host, host data first; raises ``UserError``."""
    for connector in CONNECTORS:
        host = host.removeprefix(connector)
    own = options.plain(options.of_host(data, 10))
    try:
        return options.settings(options.where(host, data), own)
    except SshConfigError as error:
        fix = f"correct it; `ssh -G {host}` shows when it is right"
        raise UserError(f"ssh can't read its settings for {host}: {error}", fix=fix) from None


def address(host: str, data: Mapping[str, Any]) -> Address:
    """Return the address of a host by its data and ssh_config(5); raises ``UserError``."""
    known = settings(host, data)
    place, port = known["hostname"][0], int(known["port"][0])
    alias = known.get("hostkeyalias", ["none"])[0]
    name = known_hosts.named(place, port) if alias == "none" else alias
    files = data.get("ssh_known_hosts_file") or known["userknownhostsfile"][0].split()[0]
    return Address(name, Path(str(files)).expanduser(), tuple(known.get("identityfile", ())))
