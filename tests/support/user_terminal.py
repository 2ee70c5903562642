"""A user at a terminal: a program runs on it, and what it asks is answered."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTROLLED = """\
import fcntl, os, sys, termios
fcntl.ioctl(1, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
PATIENCE = 30.0


class UserTerminal:
    """The terminal of a program that runs, as its user has it.

    + shown: all that stands on it
    """

    def __init__(self, end: int, process: subprocess.Popen[bytes]) -> None:
        self._end, self._process = end, process
        self.shown = ""

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until a text stands there so many times."""
        deadline = time.monotonic() + PATIENCE
        while self.shown.count(text) < times:
            assert time.monotonic() < deadline, f"no {text!r} in {self.shown!r}"
            assert self._read(0.1) or self._process.poll() is None, self.shown

    def read(self, seconds: float) -> None:
        """Read what comes in some seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read(0.05)

    def type(self, text: str) -> None:
        """Type a text, without an end of line."""
        os.write(self._end, text.encode())

    def echoes(self) -> bool:
        """Return whether what is typed is shown."""
        return bool(termios.tcgetattr(self._end)[3] & termios.ECHO)

    def wait(self) -> int:
        """Wait until the program has ended; return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self._read(0.05)
        while self._read(0.05):
            pass
        return self._process.returncode

    def _read(self, seconds: float) -> bool:
        if not select.select([self._end], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self._end, 65536)
        except OSError:  # no process has it open
            return False
        self.shown += chunk.decode(errors="replace")
        return bool(chunk)


@contextmanager
def sat_at(
    script: str,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    stdin: int | None = None,
) -> Iterator[UserTerminal]:
    """Run a script of Python on a terminal of its own; whatever is left of it is killed.

    + stdin: its standard input, the terminal if None
    """
    ours, its = os.openpty()
    hidden = ("SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY")
    plain = {name: value for name, value in os.environ.items() if name not in hidden}
    process = subprocess.Popen(
        [sys.executable, "-c", CONTROLLED, "-c", script, *arguments],
        stdin=its if stdin is None else stdin,
        stdout=its,
        stderr=its,
        start_new_session=True,
        cwd=ROOT,
        env={**plain, **(variables or {})},
    )
    os.close(its)
    try:
        yield UserTerminal(ours, process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


def processes(word: str) -> list[str]:
    """Return the command lines in which a word stands."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_text().replace("\0", " "))
    return [line for line in found if word in line]
