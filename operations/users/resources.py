"""System accounts, as they are described."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "users"
NOLOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/false")
COMMENT = "Application deployed by homeport"
"""The comment in the passwd entry of each account that homeport made: by it they are known."""


@dataclass(frozen=True)
class ServiceUser:
    """A system user, with a group of the same name, that services run as.

    + directories: what systemd gives to it, with all that is in there, whosever it was: its state,
      its cache, its logs
    + runtime: the same below /run
    + code: the directory of its code, which is root's
    """

    name: str
    home: str
    directories: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()
    code: str | None = None
