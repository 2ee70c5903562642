"""A host as ssh has it: where it is, and by which options it is reached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from homeport.openssh import errors, options
from homeport.openssh.errors import HostError, Way
from homeport.openssh.limits import Limits
from homeport.openssh.login import AUTHENTICATION

FILES = ("userknownhostsfile", "globalknownhostsfile", "revokedhostkeys")
"""Settings that name files of host keys."""


@dataclass
class Destination:
    """A host as ssh has it.

    + target: what ssh connects to
    + data: host data, by the keys of ``ConnectorData``
    + connect_timeout: seconds in which a connection has to be there
    + way, settings, options: what ssh makes of them, once it is resolved
    """

    target: str
    data: Mapping[str, Any]
    connect_timeout: float
    way: Way = field(init=False)
    settings: dict[str, list[str]] = field(init=False, default_factory=dict)
    options: list[str] = field(init=False, default_factory=list)

    def resolve(self) -> None:
        """Resolve the host: ssh works out where it is; raises ``HostError``."""
        own = options.plain(options.of_host(self.data, self.connect_timeout))
        known = str(self.data.get("ssh_known_hosts_file") or "")
        config = str(self.data.get("ssh_config_file") or "")
        self.way = Way(self.target, self.target, config=config, known_hosts=known)
        try:
            self.settings = options.settings(self.target, own)
        except options.SshConfigError as error:
            raise HostError(errors.explain(str(error), self.way)) from None
        machine, port = self.setting("hostname"), self.setting("port")
        alias = self.setting("hostkeyalias")
        user = self.setting("user")
        self.way = Way(self.target, machine, port, user, config, known, alias)
        self.options = own

    def setting(self, name: str) -> str:
        """Return the first value of a setting, "" if it has none."""
        return next(iter(self.settings.get(name, ())), "")

    @property
    def strict(self) -> list[str]:
        """The options without which ssh asks for consent to a key, where it is no ``BatchMode``."""
        asks = self.setting("stricthostkeychecking") == "ask"
        return ["-o", "StrictHostKeyChecking=yes"] if asks else []

    @property
    def has_proxy(self) -> bool:
        """Whether the connection is another program's: a jump host, or a ``ProxyCommand``."""
        proxies = (self.setting("proxyjump"), self.setting("proxycommand"))
        return any(proxy not in ("", "none") for proxy in proxies)

    @property
    def persist(self) -> int:
        """Seconds for which a login is kept after a run."""
        return int(self.data.get("ssh_persist") or 0)

    @property
    def seconds(self) -> float:
        """Seconds that a login may take."""
        return self.connect_timeout + AUTHENTICATION

    @property
    def limits(self) -> Limits:
        """The limits of a login with a command that does nothing."""
        return Limits(self.seconds, self.seconds, 2**16)

    def identity(self) -> list[str]:
        """Return all that decides where a login goes, and whether its host key is good."""
        lines = [f"{name} {value}" for name, values in self.settings.items() for value in values]
        files = [
            file for name in FILES for line in self.settings.get(name, ()) for file in line.split()
        ]
        return [self.target, *lines, *map(_content, files)]


def _content(file: str) -> str:
    path = Path(file).expanduser()
    try:
        status = path.stat()
        return _digest(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return ""


@cache
def _digest(path: Path, changed: int, size: int) -> str:
    # Many hosts have one such file.
    return hashlib.sha256(path.read_bytes()).hexdigest()
