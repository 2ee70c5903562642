"""The addresses of an inventory's hosts: two names for one address are one machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from pyinfra.api.host import Host

from homeport.errors import UserError
from homeport.ssh.address import options_of

Address = tuple[str, ...]


def once_each(hosts: Iterable[Host]) -> None:
    """Raise ``UserError`` if two hosts have one address: their deploys would interfere."""
    known: dict[Address, str] = {}
    for host in hosts:
        address = address_of(host.name, host.data.dict())
        other = known.setdefault(address, host.name)
        if other != host.name:
            what = f"{other} and {host.name} are one machine, {' '.join(filter(None, address))}"
            fix = "keep one of the two names, or correct ssh_hostname or ssh_port of the other"
            raise UserError(what, fix=fix, key="inventory")


def address_of(name: str, data: Mapping[str, Any]) -> Address:
    """Return the machine, its port, and the proxy on the way ("" without one).

    Upper and lower case, a dot at the end and the ways to write an IPv6 address are the same.
    A host of another connector than SSH has its own name alone.
    """
    if name.removeprefix("@ssh/").startswith("@"):
        return (name,)
    settings = options_of(name, data)
    way = str(settings.get("proxyjump") or settings.get("proxycommand") or "")
    return _plain(str(settings["hostname"])), str(settings["port"]), way


def _plain(machine: str) -> str:
    try:
        return str(ip_address(machine.strip("[]")))
    except ValueError:
        return machine.lower().rstrip(".")
