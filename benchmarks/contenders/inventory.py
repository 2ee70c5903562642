"""An inventory of pyinfra's: its hosts, by which connector they are reached, and how to get in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from pprint import pformat

from benchmarks.contenders.reach import Reach

SSH, OPENSSH = "@ssh", "@openssh"
"""pyinfra's own connector, which is paramiko, and homeport's, which is the system's OpenSSH."""
FILE = "inventory.py"
CONFIG = """\
from homeport.openssh.entry_point import register

register()
"""
"""A project's config.py by which pyinfra knows ``@openssh`` where homeport isn't installed."""

Data = Callable[[Reach], Mapping[str, object]]


def nothing(host: Reach) -> Mapping[str, object]:
    """Return no host data."""
    return {}


def write(work: Path, connector: str, hosts: Sequence[Reach], data: Data = nothing) -> None:
    """Write the inventory of a project: hosts by a connector, with more host data in front."""
    listed = [(f"{connector}/{host.name}", {**data(host), **_login(host)}) for host in hosts]
    (work / FILE).write_text(f"hosts = {pformat(listed, width=1000)}\n")


def _login(host: Reach) -> dict[str, object]:
    return {
        "ssh_hostname": host.address,
        "ssh_port": host.port,
        "ssh_user": host.user,
        "ssh_key": str(host.key),
        "ssh_known_hosts_file": str(host.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        **({} if host.as_root else {"_sudo": True}),
        **({"sudo_password": {"file": str(word)}} if (word := host.sudo_password) else {}),
    }
