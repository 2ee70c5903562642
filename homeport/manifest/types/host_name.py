"""Names of hosts: those that a proxy answers to, and the one that a check asks by."""

from __future__ import annotations

from typing import Annotated

from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import Text

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME = f"(?:{LABEL}\\.){{0,8}}{LABEL}"

ServerName = Annotated[
    Text,
    TextPattern(
        f"(?:\\*\\.)?{NAME}",
        "is not the name of a host",
        "write it as example.org or *.example.org, without a port, in a-z, 0-9, - and dots",
    ),
]
HostName = Annotated[
    Text,
    TextPattern(
        NAME,
        "is not the name of one host",
        "write it as example.org, without a port, in a-z, 0-9, - and dots",
    ),
]
