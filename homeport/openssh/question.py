"""A login of ssh that may ask the user: for the passphrase or PIN of a key, a touch, a code.

ssh asks on the terminal itself. It asks for a touch on its stderr, and only where that is a
terminal. So its stderr is a terminal of ours, whose output is shown at once, and kept.
"""

from __future__ import annotations

import os
import signal
import tty
from collections.abc import Sequence
from enum import Enum

import gevent
from gevent import subprocess
from gevent.os import make_nonblocking, nb_read

from homeport.openssh import terminal
from homeport.openssh.login import LoginError

SECONDS = 110.0
"""Seconds that a user has to answer: a server hangs up after 120 (``LoginGraceTime``)."""
GRACE = 2.0
"""Seconds in which ssh has to put the terminal in order, and in which its output is read."""
CHUNK = 2**12
WITHOUT = ("-o", "SecurityKeyProvider=/dev/null")
"""Options of a login before one that may ask: it would wait for a touch without a word to the user.

An agent uses its keys all the same."""
MOST = 2**16
"""Bytes of output that are kept."""


class Asks(Enum):
    """The kinds of questions that a login may ask the user."""

    NOTHING = "nothing"
    KEY = "passphrase, a PIN or a touch"
    ALL = "passphrase, a PIN, a touch, a code or a password"

    @property
    def options(self) -> list[str]:
        """The options of such a login, which stand first."""
        if self is Asks.KEY:
            return ["-o", "BatchMode=no", "-o", "PreferredAuthentications=publickey"]
        return ["-o", "BatchMode=no"]


def ask(command: Sequence[str], line: str) -> bool:
    """Run the command of a login that may ask; return False if no user can be asked.

    + line: shown before: it says which host asks

    Raises ``LoginError``.
    """
    with terminal.turn() as may_ask:
        if not may_ask:
            return False
        terminal.show(f"{line}\n".encode())
        try:
            code, output = _run(command)
        except KeyboardInterrupt:
            terminal.leave()
            raise
        if code == -signal.SIGINT:
            terminal.leave()
        if code != 0:
            raise LoginError(output or f"ssh exits with {code}")
        return True


def _run(command: Sequence[str]) -> tuple[int, str]:
    ours, its = os.openpty()
    tty.setraw(its)
    make_nonblocking(ours)
    printed = bytearray()
    relay = gevent.spawn(_relay, ours, printed)
    # In our session, unlike every other ssh: the terminal is the one that controls it.
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=its)
    os.close(its)
    try:
        code = process.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise LoginError(f"its question had no answer after {SECONDS:g} s") from None
    finally:
        _end(process)
        relay.join(timeout=GRACE)
        relay.kill()
        os.close(ours)
    return code, printed.decode(errors="replace").strip()


def _relay(end: int, printed: bytearray) -> None:
    try:
        while chunk := nb_read(end, CHUNK):
            terminal.show(chunk)
            printed += chunk[: max(0, MOST - len(printed))]
    except OSError:
        # Nothing has it open any more.
        pass


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        # By a signal that lets it turn the echo on again.
        process.terminate()
        try:
            process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
