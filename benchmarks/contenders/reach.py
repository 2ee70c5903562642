"""A host as a contender is told of it: by which name, where, and how to get in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Reach:
    """How a host is reached by SSH, and what it is.

    + known_hosts: has the host's key under the address and port as they are here
    + sudo_password: the file of the password that sudo there asks for, None if it asks for none
    """

    name: str
    address: str
    port: int
    user: str
    key: Path
    known_hosts: Path
    architecture: str = "amd64"
    debian: str = "12"
    sudo_password: Path | None = None

    @property
    def as_root(self) -> bool:
        """Return whether it is entered as root, without sudo."""
        return self.user == "root"
