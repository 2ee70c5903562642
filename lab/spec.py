"""The specification of a host: its name, architecture, Debian release and how it is reached."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from homeport.errors import UserError

RELEASES = {"12": "bookworm", "13": "trixie"}
ARCHITECTURES = {"amd64": "amd64", "x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}
ORDINARY_USER = "deploy"
LOGINS = {"root": "root", "asks": ORDINARY_USER, "free": ORDINARY_USER}
BARE_USER = "pi"
"""Who logs in to a host that is as a fresh image leaves it: by password, and sudo asks for it."""
LOGIN = "HOMEPORT_LAB_LOGIN"
"""The variable that has every host entered one way: ``root``, ``asks`` or ``free``."""
GRAMMAR = "NAME[=ARCH[,RELEASE][,root|,asks|,bare]], such as web=amd64,13 or cam=arm64,bare"
USERS = {"root": "root", "asks": ORDINARY_USER, "bare": BARE_USER}

_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")


@dataclass(frozen=True)
class Spec:
    """One host as asked for; architecture is empty where the controller's own is meant."""

    name: str
    architecture: str = ""
    debian: str = "12"
    user: str = ORDINARY_USER
    asks: bool = False


# One host as root, two as an ordinary user, so that no sudo error stays hidden.
_DEFAULTS = (Spec("laptop", user="root"), Spec("staging"), Spec("pi", "arm64"))


def defaults() -> tuple[Spec, ...]:
    """Return the three default hosts, entered as the environment says if it does."""
    return tuple(map(_entered, _DEFAULTS))


def _entered(spec: Spec) -> Spec:
    login = os.environ.get(LOGIN)
    if not login or spec.user == BARE_USER:
        return spec
    if login not in LOGINS:
        fix = f"set it to {', '.join(LOGINS)}, or not at all"
        raise UserError(f"{LOGIN} is {login!r}", fix=fix)
    return replace(spec, user=LOGINS[login], asks=login == "asks")


def parse(text: str) -> Spec:
    """Return the host that one command-line argument asks for.

    The environment says how it is entered, where neither the argument nor its name does.

    Raises UserError when it can't be read.
    """
    name, equals, rest = text.partition("=")
    if not _NAME.fullmatch(name) or name.endswith("-"):
        raise _unreadable(text, f"{name!r} is not a host name (a-z, 0-9, -, at most 20)")
    ordinary = _entered(Spec(name))
    default = next((one for one in defaults() if one.name == name), ordinary)
    if not equals:
        return default
    architecture, *options = rest.split(",")
    if architecture not in ARCHITECTURES:
        raise _unreadable(text, f"{architecture!r} is not one of {', '.join(ARCHITECTURES)}")
    releases = [option for option in options if option in RELEASES]
    users = [option for option in options if option in USERS]
    unknown = [option for option in options if option not in (*RELEASES, *USERS)]
    if unknown:
        raise _unreadable(text, f"{unknown[0]!r} is none of 12, 13, root, asks and bare")
    if len(releases) > 1 or len(users) > 1:
        raise _unreadable(text, "an option is given twice")
    return Spec(
        name,
        ARCHITECTURES[architecture],
        releases[0] if releases else default.debian,
        USERS[users[0]] if users else ordinary.user,
        users == ["asks"] if users else ordinary.asks,
    )


def parse_all(texts: Sequence[str]) -> tuple[Spec, ...]:
    """Return the hosts that a command line asks for, the three default ones if it names none.

    Raises UserError when one can't be read or a name stands twice.
    """
    specs = tuple(parse(text) for text in texts) or defaults()
    require_distinct(specs)
    return specs


def require_distinct(specs: Iterable[Spec]) -> None:
    """Raise UserError when two hosts have the same name."""
    seen: set[str] = set()
    for spec in specs:
        if spec.name in seen:
            raise _unreadable(spec.name, "this host is asked for twice")
        seen.add(spec.name)


def _unreadable(text: str, why: str) -> UserError:
    return UserError(f"host {text!r}: {why}", fix=f"write {GRAMMAR}")
