"""The user's terminal, where ssh may ask: for one host at a time."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import gevent
from gevent.lock import BoundedSemaphore
from pyinfra import progress

PLACE = "/dev/tty"

_turns = BoundedSemaphore(1)
_left: list[bool] = []


def is_there() -> bool:
    """Return whether a user sits at a terminal, and can answer what is asked there."""
    if _left or sys.stdin is None or not sys.stdin.isatty():
        return False
    try:
        with _open() as end:
            # A process in the background is stopped where it reads from it.
            return os.tcgetpgrp(end) == os.getpgrp()
    except OSError:
        return False


def leave() -> None:
    """Ask no more in this process: the user has ended it."""
    _left.append(True)


def show(output: bytes) -> None:
    """Show bytes on the terminal as they are."""
    with suppress(OSError), _open() as end:
        os.write(end, output)


@contextmanager
def turn() -> Iterator[bool]:
    """Wait until no other host asks; yield whether the user can still be asked.

    Afterwards the terminal has the settings that it had before.
    """
    with _turns:
        if not is_there():
            yield False
            return
        with _as_it_was(), _still():
            yield True


@contextmanager
def _open() -> Iterator[int]:
    end = os.open(PLACE, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        yield end
    finally:
        os.close(end)


@contextmanager
def _as_it_was() -> Iterator[None]:
    with _open() as end:
        settings = termios.tcgetattr(end)
    try:
        yield
    finally:
        with suppress(OSError, termios.error), _open() as end:
            termios.tcsetattr(end, termios.TCSANOW, settings)


@contextmanager
def _still() -> Iterator[None]:
    # pyinfra's line of progress would be written over the question, five times a second: one that
    # is there stands still until its end, and none begins.
    names = vars(progress)
    before = {name: names[name] for name in ("IS_TTY", "WAIT_TIME")}
    names.update(IS_TTY=False, WAIT_TIME=None)
    try:
        gevent.sleep(before["WAIT_TIME"])
        sys.stderr.flush()
        yield
    finally:
        names.update(before)
