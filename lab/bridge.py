"""The lab's own network: a bridge, an unused subnet, and one NAT table."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from pathlib import Path

from homeport.errors import UserError
from lab.command import attempt, output
from lab.paths import Place
from lab.state import State

FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
_BRIDGE = re.compile(r"hp[0-9a-f]{6}")

_NFT = """
table ip {table} {{
    chain nat {{
        type nat hook postrouting priority srcnat;
        ip saddr {subnet} ip daddr != {subnet} masquerade
    }}
    chain clamp {{
        type filter hook forward priority mangle;
        ip saddr {subnet} tcp flags syn tcp option maxseg size set rt mtu
    }}
}}
"""


def choose(lab_id: str, taken: Iterable[ipaddress.IPv4Network]) -> str:
    """Return a subnet that overlaps nothing taken: where to begin comes from the lab's id.

    Raises UserError when all are taken.
    """
    occupied = list(taken)
    begin = int(lab_id, 16) % 256
    for step in range(256):
        network = ipaddress.IPv4Network(f"10.77.{(begin + step) % 256}.0/24")
        if not any(network.overlaps(other) for other in occupied):
            return str(network)
    raise UserError("all of 10.77.0.0/16 is in use", fix="end other labs: `python -m lab down`")


def taken() -> list[ipaddress.IPv4Network]:
    """Return every network that this machine has an address in or a route to."""
    found = [
        ipaddress.IPv4Interface(f"{address['local']}/{address['prefixlen']}").network
        for link in json.loads(output(["ip", "-j", "-4", "addr"]))
        for address in link.get("addr_info", [])
    ]
    for route in json.loads(output(["ip", "-j", "-4", "route", "show", "table", "all"])):
        if route["dst"] != "default":
            found.append(ipaddress.IPv4Network(route["dst"], strict=False))
    return found


def exists(where: Place) -> bool:
    """Return whether the bridge is there."""
    return Path("/sys/class/net", where.bridge).exists()


def ensure(where: Place, state: State) -> None:
    """Make what is missing of the bridge, its address, forwarding and NAT."""
    if not exists(where):
        output(["ip", "link", "add", where.bridge, "type", "bridge"])
    output(["ip", "addr", "replace", f"{state.gateway}/24", "dev", where.bridge])
    output(["ip", "link", "set", where.bridge, "up"])
    table = _table(where)
    # Declaring the table first lets one transaction replace it, whether or not it was there.
    rules = f"table ip {table}\ndelete table ip {table}\n"
    output(["nft", "-f", "-"], stdin=rules + _NFT.format(table=table, subnet=state.subnet))
    _forward(where)


def remove(where: Place) -> list[str]:
    """Remove bridge and NAT; return what was removed."""
    gone = []
    for link in Path("/sys/class/net").glob(f"vb-{where.bridge}*"):
        attempt(["ip", "link", "delete", link.name])
        gone.append(f"link {link.name}")
    if exists(where):
        output(["ip", "link", "delete", where.bridge])
        gone.append(f"bridge {where.bridge}")
    if attempt(["nft", "delete", "table", "ip", _table(where)]).returncode == 0:
        gone.append(f"NAT table {_table(where)}")
    return gone


def any_lab() -> bool:
    """Return whether any lab's bridge is there, of whatever checkout."""
    return any(_BRIDGE.fullmatch(link.name) for link in Path("/sys/class/net").iterdir())


def restore_forwarding(where: Place) -> list[str]:
    """Put IP forwarding back to what it was before the first lab; return what was changed."""
    before = _forward_memory(where)
    if not before.exists():
        return []
    FORWARD.write_text(before.read_text())
    before.unlink()
    return ["IP forwarding"]


def _forward(where: Place) -> None:
    value = FORWARD.read_text().strip()
    if value == "0":
        _forward_memory(where).write_text(value)
        FORWARD.write_text("1")


def _forward_memory(where: Place) -> Path:
    return where.directory.parent / "ip_forward.before"


def _table(where: Place) -> str:
    return f"homeport_{where.id}"
