"""Processes, told apart from later ones that got the same number."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
SESSIONS = ("sshd", "sshd-session")
"""What serves one connection is called; the latter since OpenSSH 9.8."""


class Living(NamedTuple):
    """A process, by its number and its start in clock ticks since boot."""

    pid: int
    start: int

    @classmethod
    def of(cls, record: object) -> Living | None:
        """Return the process that a record tells of, None if it tells of none."""
        if not isinstance(record, dict):
            return None
        pid, start = record.get("pid"), record.get("start")
        return cls(pid, start) if isinstance(pid, int) and isinstance(start, int) else None

    def alive(self) -> bool:
        """Return whether it is still there, and has not ended."""
        found = _stat(self.pid)
        return found is not None and found.start == self.start and found.state not in "ZX"

    def wait(self, seconds: float | None) -> bool:
        """Return whether it has ended, at once or within so many seconds; None waits for ever."""
        try:
            opened = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.alive():
                return True
            watch = select.poll()
            watch.register(opened, select.POLLIN)
            # A day at most: the kernel counts milliseconds in 32 bits.
            most = 86400.0 if seconds is None else min(seconds, 86400.0)
            return bool(watch.poll(most * 1000)) or not self.alive()
        finally:
            os.close(opened)

    def kill(self) -> None:
        """End it at once, and all that it has started."""
        if self.alive():
            for pid in [self.pid, *_below(self.pid)]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue


class _Stat(NamedTuple):
    name: str
    state: str
    parent: int
    start: int


def parent() -> Living | None:
    """Return the process that started us."""
    return _living(os.getppid())


def session() -> Living | None:
    """Return what serves the SSH connection that we came by, None if we came by none."""
    pid = os.getppid()
    while (found := _stat(pid)) is not None and pid > 1:
        if found.name in SESSIONS:
            return Living(pid, found.start)
        pid = found.parent
    return None


def settle(writers: Iterable[Living], seconds: float = 60) -> None:
    """Wait until these processes have ended, so many seconds for each at most; then kill it.

    Whoever has started us isn't waited for: he waits for us.
    """
    above = set(_above())
    for writer in writers:
        if writer not in above and not writer.wait(seconds):
            writer.kill()
            writer.wait(seconds)


def _living(pid: int) -> Living | None:
    found = _stat(pid)
    return None if found is None else Living(pid, found.start)


def _stat(pid: int) -> _Stat | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # A name may hold spaces and parentheses of its own.
    name, _, rest = text.partition("(")[2].rpartition(")")
    words = rest.split()
    return _Stat(name, words[0], int(words[1]), int(words[19]))


def _above() -> Iterator[Living]:
    pid = os.getppid()
    while (found := _stat(pid)) is not None:
        yield Living(pid, found.start)
        pid = found.parent


def _below(pid: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (found := _stat(int(entry.name))) is not None:
            parents.setdefault(found.parent, []).append(int(entry.name))
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        waiting += children
        yield from children
