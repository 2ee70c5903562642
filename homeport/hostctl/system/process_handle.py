"""Processes, told apart from later ones that got the same number."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .. import protocol

PROC = Path("/proc")
SESSIONS = ("sshd", "sshd-session")
"""What serves one connection is called; the latter since OpenSSH 9.8."""


class ProcessHandle(NamedTuple):
    """A process, by its number and its start in clock ticks since boot."""

    pid: int
    start: int

    @classmethod
    def of(cls, record: object) -> ProcessHandle | None:
        """Return the process that a record tells of, None if it tells of none."""
        holder = protocol.holder(record)
        return None if holder is None else cls(*holder)

    def alive(self) -> bool:
        """Return whether it is still there, and has not ended."""
        return protocol.is_alive(stat(self.pid), self.start)

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


def parent() -> ProcessHandle | None:
    """Return the process that started us."""
    return _living(os.getppid())


def session() -> ProcessHandle | None:
    """Return what serves the SSH connection that we came by, None if we came by none."""
    pid = os.getppid()
    while (found := stat(pid)) is not None and pid > 1:
        if found.name in SESSIONS:
            return ProcessHandle(pid, found.start)
        pid = found.parent
    return None


def wait_for_writers(writers: Iterable[ProcessHandle], seconds: float = 60) -> None:
    """Wait until these processes have ended, so many seconds for each at most; then kill it.

    Our own ancestors aren't waited for: they wait for us.
    """
    above = set(_above())
    for writer in writers:
        if writer not in above and not writer.wait(seconds):
            writer.kill()
            writer.wait(seconds)


def _living(pid: int) -> ProcessHandle | None:
    found = stat(pid)
    return None if found is None else ProcessHandle(pid, found.start)


def stat(pid: int) -> protocol.Stat | None:
    """Return the process that has this number now, None if none has."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return protocol.stat(text)


def _above() -> Iterator[ProcessHandle]:
    pid = os.getppid()
    while (found := stat(pid)) is not None:
        yield ProcessHandle(pid, found.start)
        pid = found.parent


def _below(pid: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (found := stat(int(entry.name))) is not None:
            parents.setdefault(found.parent, []).append(int(entry.name))
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        waiting += children
        yield from children
