"""A master connection: one login that commands share, and that outlives a run for a minute."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gevent
from gevent import subprocess

POLL = 0.02
UNSENT = "homeport-unsent"
"""The word that ``Master.client`` prints where nothing was sent over the connection."""
LEAST = 5
"""Seconds after which a master ends by itself that is only kept for a run."""


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

    def open(self, login: Login, persist: int, again: Callable[[str], float | None]) -> bool:
        """Log in, unless the connection is there; return whether that took a login.

        + persist: seconds for which it is kept when it is idle
        + again: takes what ssh said of a failure, returns the seconds to wait until another try

        Raises ``LoginError``.
        """
        if self.is_alive():
            return False
        with self._alone(login.seconds):
            if self.is_alive():
                return False
            control = ["-o", f"ControlPath={_escaped(self.path)}", "-o", "ControlMaster=yes"]
            control += ["-o", f"ControlPersist={max(persist, LEAST)}", "-f", "-N"]
            command = ["ssh", *control, *login.options, "--", login.target]
            while True:
                try:
                    _log_in(command, login)
                    return True
                except LoginError as error:
                    pause = again(str(error))
                    if pause is None:
                        raise
                gevent.sleep(pause)

    @property
    def ending(self) -> list[str]:
        """The command that ends it, and whatever still runs over it."""
        return [*self.client, "-O", "exit", "host"]

    def end(self) -> None:
        """End it, and whatever still runs over it."""
        command = self.ending
        quiet = subprocess.DEVNULL
        subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False, timeout=10)
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


def _log_in(command: Sequence[str], login: Login) -> None:
    # A file, and no pipe: what leads there, such as a ProxyCommand, keeps it open.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
            env=login.environment,
        )
        try:
            code = process.wait(timeout=login.seconds)
        except subprocess.TimeoutExpired:
            raise LoginError(f"the login took longer than {login.seconds:g} s") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code != 0:
            output.seek(0)
            raise LoginError(
                output.read().decode(errors="replace").strip() or f"ssh exits with {code}"
            )


def _escaped(path: Path) -> str:
    # ssh_config(5): TOKENS.
    return str(path).replace("%", "%%")
