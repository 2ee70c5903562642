"""A master connection: one login that commands share, and that outlives a run for a minute."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gevent

from homeport.openssh.child import Child
from homeport.openssh.login import LoginError

POLL = 0.02
UNSENT = "homeport-unsent"
"""The word that ``Master.client`` prints where nothing was sent over the connection."""
ENDS = 10.0
"""Seconds in which a master has to end."""
LEAST = 5
"""Seconds after which a master ends by itself that is only kept for a run."""

Enter = Callable[[Sequence[str]], None]
"""Logs in with these options besides, which make the master; raises ``LoginError``."""


@dataclass(frozen=True)
class Master:
    """A master connection, by its socket."""

    path: Path

    @property
    def client(self) -> list[str]:
        """The command that runs something over this connection, and never over another."""
        # Where the socket is gone, or the server takes no more sessions, ssh would log in, and know
        # nothing of how.
        lost = ["-o", f"ProxyCommand=sh -c 'echo {UNSENT} >&2; exit 1'", "-o", "LogLevel=ERROR"]
        return ["ssh", "-F", "none", "-S", str(self.path), "-o", "BatchMode=yes", *lost]

    def is_alive(self) -> bool:
        """Return whether a process holds its socket; one that was left behind goes."""
        with socket.socket(socket.AF_UNIX) as end:
            try:
                end.connect(str(self.path))
            except ConnectionRefusedError:
                self.path.unlink(missing_ok=True)
                return False
            except OSError:
                return False
            return True

    def open(self, persist: int, seconds: float, enter: Enter) -> bool:
        """Log in, unless the connection is there; return whether that took a login.

        + persist: seconds for which it is kept when it is idle
        + seconds: the time for which another run's login is waited for

        Raises ``LoginError``.
        """
        if self.is_alive():
            return False
        with self._alone(seconds):
            if self.is_alive():
                return False
            control = ["-o", f"ControlPath={_escaped(self.path)}", "-o", "ControlMaster=yes"]
            control += ["-o", f"ControlPersist={max(persist, LEAST)}", "-f", "-N"]
            enter(control)
            return True

    @property
    def ending(self) -> list[str]:
        """The command that ends it, and whatever still runs over it."""
        return [*self.client, "-O", "exit", "host"]

    def end(self) -> None:
        """End it, and whatever still runs over it."""
        ending = Child(self.ending)
        ending.wait(ENDS)
        ending.kill()
        self.path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, seconds: float) -> Iterator[None]:
        # Two runs at once would log in twice, and one of them would keep no socket.
        deadline = time.monotonic() + seconds
        file = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise LoginError("another run is still logging in") from None
                gevent.sleep(POLL)
            yield
        finally:
            os.close(file)


def _escaped(path: Path) -> str:
    # ssh_config(5): TOKENS.
    return str(path).replace("%", "%%")
