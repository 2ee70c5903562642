"""Sites of nginx, as they are described."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from homeport.engine.kind import DesiredState
from homeport.files.entries import Entry, File, PathEntry
from homeport.operations.proxy.certificates import Certificate, RenewalStop

NAME = "proxy"


UNIT = "nginx.service"


FOLDER = "/etc/nginx/conf.d"


CLAIM = "# Answers to "


DEFAULT_SITE = "/etc/nginx/sites-enabled/default"
"""The site that Debian's package of nginx brings: it listens on port 80."""
DEFAULT_PORT = 80


@dataclass(frozen=True)
class Site:
    """A file of ours that nginx reads, and the address at which it says its digest.

    ``certificate`` and ``key`` are files on the host, for ``names``, where it speaks HTTPS.
    """

    path: str
    text: str = field(repr=False)
    digest: str
    url: str
    names: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""

    @property
    def port(self) -> int:
        """The port that nginx listens on for it."""
        return urlsplit(self.url).port or 0

    @property
    def claims(self) -> list[str]:
        """The lines of its text that say what it answers to."""
        return [line for line in self.text.splitlines() if line.startswith(CLAIM)]


def entries(description: DesiredState) -> list[Entry]:
    """Return the described sites as files."""
    return [File(site.path, site.text.encode()) for site in description.of(Site)]


@dataclass(frozen=True)
class Sandbox:
    """That nginx runs in a sandbox, and is started again when it dies."""

    unit: str = UNIT


class SandboxRemoval(NamedTuple):
    """That nginx is to have the sandbox no more."""


class ProxyReload(NamedTuple):
    """That nginx is to read its files anew, or to start; ``enable`` if it isn't at boot."""

    enable: bool


ProxyPayload = PathEntry | Certificate | RenewalStop | ProxyReload | Sandbox | SandboxRemoval
