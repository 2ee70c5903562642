"""The host data of the machine itself, for a bootstrap: the same words as in app.yml."""

from __future__ import annotations

import zoneinfo
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field

from homeport.manifest.model.secret import Secret
from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import Flag, Line, Text, Whole, distinct


def known_zone(name: str) -> str:
    """Return the name. Raises ``ValueError`` if there is no such time zone."""
    # A controller that has no list of zones can't judge.
    if (zones := zoneinfo.available_timezones()) and name not in zones:
        near = get_close_matches(name[:60], sorted(zones), 1, 0.5)
        fix = f"write {near[0]}" if near else "write one such as Europe/Berlin"
        raise refuse(f"{quoted(name)} is not a time zone", fix)
    return name


UserName = Annotated[
    Text,
    TextPattern(
        "[a-z_][a-z0-9_-]{0,30}",
        "is not the name of a user",
        "start with a letter and use at most 31 of a-z, 0-9, _ and -",
    ),
]
HostName = Annotated[
    Text,
    TextPattern(
        "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
        "is not a host name",
        "use at most 63 of a-z, 0-9 and -, without a domain",
    ),
]
Zone = Annotated[
    Text,
    TextPattern(
        "[A-Za-z0-9+_-]+(?:/[A-Za-z0-9+_-]+)*", "is not a time zone", "write Europe/Berlin"
    ),
    AfterValidator(known_zone),
]
Fingerprint = Annotated[
    Text,
    TextPattern(
        "SHA256:[A-Za-z0-9+/]{43}",
        "is not a fingerprint",
        "write what `ssh-keygen -lf` says of the key: SHA256: and 43 characters",
    ),
]


Endpoint = Annotated[
    Text,
    TextPattern(
        r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):[1-9][0-9]{0,4}",
        "is not a host and a port",
        "write HOST:PORT, such as 10.0.0.7:22 or [fd00::7]:22",
    ),
]


Keys = Annotated[tuple[Line, ...], Field(min_length=1)]


class Login(ConfigModel):
    """The login to a host that is not set up yet."""

    user: UserName
    """User of the fresh image, or root."""
    password: Secret
    """That user's password, by reference."""


class BootstrapData(ConfigModel):
    """Host data for a bootstrap; each key stands by itself in an inventory or in group_data."""

    ssh_user: UserName
    """User that deploys; a bootstrap creates it."""
    bootstrap_login: Login | None = None
    """Login to the fresh image; without it only a key opens the host."""
    hostname: HostName | None = None
    """Name of the host; without it the name stays as it is."""
    timezone: Zone | None = None
    """Time zone of the host; without it the zone stays as it is."""
    authorized_keys: tuple[Line, ...] | None = None
    """Public keys that may log in, as lines or files; without it, those of this machine."""
    allow_users: Annotated[tuple[UserName, ...], AfterValidator(distinct)] = ()
    """Other accounts of the host that may log in over SSH, by their own keys."""
    readers: dict[UserName, Keys] = Field(default_factory=dict)
    """Accounts that may ask for status, logs and history, each with its public keys."""
    deny_users: Annotated[tuple[UserName, ...], AfterValidator(distinct)] = ()
    """Accounts of the host that have keys, and are shut out on purpose."""
    permit_open: Annotated[tuple[Endpoint, ...], AfterValidator(distinct)] = ()
    """Where a login may forward TCP connections to, each HOST:PORT; a jump host needs it."""
    host_key_fingerprint: Fingerprint | None = None
    """Fingerprint (SHA256:...) that a host key must have before the password is sent."""
    sd_card: Flag | None = None
    """Treat the root file system as an SD card's, or not; without it the host is probed."""
    confirm_timeout: Annotated[Whole, Field(ge=5, le=3600)] = 120
    """Seconds until a host takes passwords again, unless a new login confirms that keys work."""
