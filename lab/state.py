"""The state of this checkout's lab: its hosts and its network, as recorded."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from homeport.errors import UserError
from lab.paths import Place
from lab.spec import BARE_USER, ORDINARY_USER

ROLES = ("laptop", "staging", "pi")


@dataclass(frozen=True)
class Host:
    """One host as it was made: its root is laid over its base, and over snapshots above it.

    ``asks`` says whether sudo wants the user's password; ``base`` is the name of a directory;
    ``layers`` are the labels of snapshots, the newest first.
    """

    name: str
    number: int
    wanted: str
    architecture: str
    debian: str
    user: str
    asks: bool = False
    base: str = ""
    layers: tuple[str, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether it came as a fresh image leaves a host: with a password and no key."""
        return self.user == BARE_USER


@dataclass
class State:
    """All that must be known to use this lab, and to end it."""

    subnet: str = ""
    hosts: dict[str, Host] = field(default_factory=dict)

    @property
    def gateway(self) -> str:
        """The bridge's own address."""
        return str(ipaddress.IPv4Network(self.subnet)[1])

    def address(self, host: Host) -> str:
        """Return the address of one host."""
        return str(ipaddress.IPv4Network(self.subnet)[host.number])

    def dump(self) -> str:
        """Return the state as the text that load reads."""
        hosts = {name: asdict(host) for name, host in sorted(self.hosts.items())}
        return json.dumps({"subnet": self.subnet, "hosts": hosts}, indent=2) + "\n"


def load(text: str) -> State:
    """Return the state that a text holds. Raises ValueError, KeyError or TypeError."""
    raw: dict[str, Any] = json.loads(text)
    hosts = {name: host(fields) for name, fields in raw["hosts"].items()}
    return State(subnet=raw["subnet"], hosts=hosts)


def host(fields: dict[str, Any]) -> Host:
    """Return the host that has these fields, as JSON gives them. Raises TypeError."""
    return Host(**{**fields, "layers": tuple(fields.get("layers", ()))})


def read(where: Place) -> State:
    """Return the recorded state, an empty one if there is none or it can't be read."""
    try:
        return load(where.state_file.read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return State()


def write(where: Place, state: State) -> None:
    """Record the state so that a crash leaves either the old or the new one."""
    replace(where.state_file, state.dump())


def replace(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a crash leaves either its old or its new content."""
    beside = file.with_name(f".{file.name}.new")
    with beside.open("w") as stream:
        beside.chmod(mode)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.rename(file)


def require(where: Place, name: str | None = None) -> State:
    """Return the state of a lab that is up and, if given, has a host of that name.

    Raises UserError otherwise.
    """
    state = read(where)
    if not state.hosts:
        raise UserError("the lab is not up", fix="run `python -m lab up`")
    if name is not None and name not in state.hosts:
        known = ", ".join(state.hosts)
        raise UserError(f"the lab has no host {name!r}", fix=f"name one of: {known}")
    return state


def inventory_groups(state: State, where: Place) -> dict[str, list[tuple[str, dict[str, object]]]]:
    """Return pyinfra's groups: each host by its role, others by what they are like."""
    groups: dict[str, list[tuple[str, dict[str, object]]]] = {role: [] for role in ROLES}
    for name, host in sorted(state.hosts.items()):
        other = "pi" if host.bare or host.architecture == "arm64" else "staging"
        data: dict[str, object] = {
            "ssh_config_file": str(where.ssh_config),
            "ssh_hostname": name,
            "ssh_known_hosts_file": str(where.pinned if host.bare else where.known_hosts),
            "ssh_strict_host_key_checking": "yes",
            "architecture": host.architecture,
            "debian": host.debian,
            # A user of this lab edits the code as they go.
            "allow_dirty": True,
        }
        if host.user != "root":
            data["_sudo"] = True
        if host.asks:
            data["sudo_password"] = {"file": str(where.sudo_password)}
        if host.bare:
            # Who deploys to it once it is bootstrapped, and who can log in until then.
            data["ssh_user"] = ORDINARY_USER
            data["hostname"] = name
            # The lab made its key, so a first contact trusts no other.
            if fingerprint := _fingerprint(where.public_key(name)):
                data["host_key_fingerprint"] = fingerprint
            data["bootstrap_login"] = {
                "user": host.user,
                "password": {"file": str(where.password(name))},
            }
        groups[name if name in ROLES else other].append((f"@openssh/{name}", data))
    return groups


def _fingerprint(public: Path) -> str | None:
    if not public.exists():
        return None
    digest = hashlib.sha256(base64.b64decode(public.read_text().split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
