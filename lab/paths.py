"""The place of one checkout's lab, and the names of its parts."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def lab_id(checkout: Path, suffix: str = "") -> str:
    """Return the six hex digits that every name of this lab carries."""
    return hashlib.sha256(f"{checkout}\0{suffix}".encode()).hexdigest()[:6]


def cache_directory() -> Path:
    """Return where all labs of this user live."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "homeport"


@dataclass(frozen=True)
class Place:
    """The place of one lab, and the names of its parts."""

    id: str
    directory: Path

    @property
    def bridge(self) -> str:
        """The bridge's name, which is also the prefix of the machines'."""
        return f"hp{self.id}"

    @property
    def sockets(self) -> Path:
        """The directory of the ssh master sockets: their paths must stay short."""
        return Path("/tmp") / self.bridge  # noqa: S108 - 0700, checked for its owner before use

    @property
    def state_file(self) -> Path:
        """The file that the state is kept in."""
        return self.directory / "state.json"

    @property
    def ssh_config(self) -> Path:
        """The ssh configuration that every user of the lab shares."""
        return self.directory / "ssh_config"

    @property
    def key(self) -> Path:
        """The private key that opens every host."""
        return self.directory / "key"

    @property
    def known_hosts(self) -> Path:
        """The hosts' own keys, pinned."""
        return self.directory / "known_hosts"

    @property
    def pinned(self) -> Path:
        """The file in which a bootstrap pins the keys of hosts that came bare."""
        return self.directory / "pinned"

    @property
    def sudo_password(self) -> Path:
        """The file with the password that sudo asks for, on the hosts where it does."""
        return self.directory / "sudo-password"

    def password(self, name: str) -> Path:
        """Return the file with the password of a host that came bare."""
        return self.host(name) / "password"

    def public_key(self, name: str) -> Path:
        """Return the public half of the first key by which a host proves who it is."""
        return self.host(name) / "ssh_host_ed25519_key.pub"

    def machine(self, name: str) -> str:
        """Return the machine name of one host."""
        return f"{self.bridge}-{name}"

    def host(self, name: str) -> Path:
        """Return the directory of one host."""
        return self.directory / "hosts" / name

    @property
    def snapshots(self) -> Path:
        """The directory of all snapshots."""
        return self.directory / "snapshots"

    def snapshot(self, label: str) -> Path:
        """Return the directory of one snapshot."""
        return self.snapshots / label


def place(checkout: Path = CHECKOUT) -> Place:
    """Return where this checkout's lab lives; HOMEPORT_LAB names a second one beside it."""
    identity = lab_id(checkout, os.environ.get("HOMEPORT_LAB", ""))
    return Place(identity, cache_directory() / "lab" / identity)
