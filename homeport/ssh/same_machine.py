"""The addresses of an inventory's hosts: two names for one address are one machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from gevent.pool import Pool
from pyinfra.api.host import Host

from homeport.errors import UserError
from homeport.ssh.address import CONNECTORS, settings

Address = tuple[str, ...]
PARALLEL = 16


def once_each(hosts: Iterable[Host]) -> None:
    """Raise ``UserError`` if two hosts have one address: their deploys would interfere."""
    known: dict[Address, str] = {}
    named = list(hosts)
    # ssh works them out, a process for each: together that takes no longer than for one.
    addresses = Pool(PARALLEL).map(lambda host: address_of(host.name, host.data.dict()), named)
    for host, address in zip(named, addresses, strict=True):
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
    if name.startswith("@") and not name.startswith(CONNECTORS):
        return (name,)
    known = settings(name, data)
    ways = [value for key in ("proxyjump", "proxycommand") for value in known.get(key, ())]
    way = next((each for each in ways if each != "none"), "")
    return _plain(known["hostname"][0]), known["port"][0], way


def _plain(machine: str) -> str:
    try:
        return str(ip_address(machine.strip("[]")))
    except ValueError:
        return machine.lower().rstrip(".")
