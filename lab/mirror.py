"""The mirror of Debian: the controller's own apt sources and settings, for any release."""

from __future__ import annotations

import re
from collections.abc import Mapping

from homeport.errors import UserError
from lab.command import output
from lab.spec import RELEASES

# Settings that say how to fetch; others speak of the controller's own files.
_SETTING = re.compile(
    r"Acquire::(?:Check-|Retries|Languages|GzipIndexes|ForceIPv|https?::)[^ ]* "
    r'"[^"]+";'
)
_CONTROLLER_ONLY = re.compile(r"//(?:localhost|127\.|\[::1\])|SslCert|SslKey|CaInfo|User-Agent")


def sources(targets: str, debian: str) -> list[str]:
    """Return sources.list lines for a release, from lines of "URI RELEASE CODENAME COMPONENT".

    Raises UserError when the controller has no Debian archive among its sources.
    """
    uris: dict[str, str] = {}
    for line in targets.splitlines():
        uri, *names, component = line.split()
        if component == "main" and uri.startswith("http"):
            for name in names:
                for codename in RELEASES.values():
                    if name.startswith(codename):
                        uris.setdefault(name.removeprefix(codename), uri.rstrip("/"))
    if "" not in uris:
        raise UserError(
            "no apt source of this machine carries Debian 12 or 13 main",
            fix="add one to /etc/apt/sources.list.d (`apt-get indextargets` shows them)",
        )
    codename = RELEASES[debian]
    suites: Mapping[str, str | None] = {
        "": uris[""],
        "-updates": uris.get("-updates"),
        "-security": uris.get("-security"),
    }
    return [f"deb {uri} {codename}{suffix} main" for suffix, uri in suites.items() if uri]


def settings(dump: str) -> list[str]:
    """Return the lines of `apt-config dump` that a host needs to fetch as the controller does."""
    return [
        line
        for line in dump.splitlines()
        if _SETTING.fullmatch(line) and not _CONTROLLER_ONLY.search(line)
    ]


def read(debian: str) -> tuple[list[str], list[str]]:
    """Return this controller's sources for a release, and its settings. Raises UserError."""
    shown = "$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT)"
    targets = output(["apt-get", "indextargets", "--format", shown, "Created-By: Packages"])
    return sources(targets, debian), settings(output(["apt-config", "dump"]))
