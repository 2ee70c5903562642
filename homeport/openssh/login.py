"""A login of ssh to a host, without a question to the user."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import gevent

from homeport.openssh import errors
from homeport.openssh.child import NULL, Child

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries of a login that a server turns away at this moment."""
AUTHENTICATION = 30.0
"""Seconds that a login may take beyond its connection: a host may ask others who we are."""


class LoginError(Exception):
    """ssh could not log in; the message is what it printed."""


@dataclass(frozen=True)
class Login:
    """The login of ssh to a host.

    + target: what ssh connects to
    + options: its options
    + seconds: the time that all of a login may take
    + environment: the environment of ssh, this process's if None
    """

    target: str
    options: Sequence[str]
    seconds: float
    environment: Mapping[str, str] | None = None

    def command(self, control: Sequence[str] = ()) -> list[str]:
        """Return the command that logs in, with options besides, which win."""
        return ["ssh", *control, *self.options, "--", self.target]

    def enter(self, control: Sequence[str], pauses: Sequence[float] = PAUSES) -> None:
        """Log in, and stay as the options besides say.

        + pauses: seconds to wait before each try after the first, while a server turns us away

        Raises ``LoginError``.
        """
        left: Iterator[float] = iter(pauses)
        while True:
            try:
                self._once(control)
                return
            except LoginError as error:
                pause = next(left, None) if errors.TURNED_AWAY.search(str(error)) else None
                if pause is None:
                    raise
            # Not all at once: others were turned away, too.
            gevent.sleep(pause * (0.7 + secrets.randbelow(600) / 1000))

    def _once(self, control: Sequence[str]) -> None:
        # A file, and no pipe: what leads there, such as a ProxyCommand, keeps it open.
        with tempfile.TemporaryFile() as output:
            streams = (NULL, NULL, output.fileno())
            child = Child(self.command(control), streams, self.environment)
            try:
                code = child.wait(self.seconds)
            finally:
                child.kill()
            if code is None:
                raise LoginError(f"the login took longer than {self.seconds:g} s")
            if code != 0:
                output.seek(0)
                raise LoginError(
                    output.read().decode(errors="replace").strip() or f"ssh exits with {code}"
                )
