"""One process of ssh on this machine: what goes in and comes out, by the byte, within limits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import gevent
from gevent.event import Event
from gevent.fileobject import FileObjectPosix

from homeport.openssh.channel import Channel
from homeport.openssh.child import PIPE, Child
from homeport.openssh.limits import Limits

CHUNK = 2**16
MOST = 2**20
"""Bytes that a process may print which answers a question of ours."""
LINE = 2**8
"""Bytes that a line counts for beside its own: what it takes in memory, even an empty one."""
GRACE = 2.0
"""Seconds in which what ssh has printed is read after its end: a child of it may hold the pipe."""
OUT, ERR = "stdout", "stderr"

Take = Callable[[str, bytes], bool]
"""Takes what came from a stream; returns whether it shows that the host has begun."""


@dataclass(frozen=True)
class Ended:
    """The end of a process: its exit code, and the limit that it reached, if it reached one."""

    code: int
    reached: str | None = None


def run(
    command: Sequence[str],
    stdin: Iterable[bytes],
    take: Take,
    limits: Limits,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a process of its own session until it ends, or reaches a limit; return how it ended.

    Whatever ends us while it runs, such as Ctrl-C, ends the process.
    """
    return attend(Child(command, (PIPE, PIPE, PIPE), environment), stdin, take, limits)


def attend(child: Child | Channel, stdin: Iterable[bytes], take: Take, limits: Limits) -> Ended:
    """Hand a command what it reads, and take what it prints; return as ``run`` does."""
    watch = _Watch(take, limits)
    ours, output, errors = child.pipes
    works = [
        gevent.spawn(_write, ours, stdin),
        gevent.spawn(watch.read, OUT, output),
        gevent.spawn(watch.read, ERR, errors),
    ]
    try:
        reached = watch.until_end(child)
        if reached is None:
            gevent.joinall(works[1:], timeout=GRACE)
            reached = watch.too_much
        return Ended(child.kill(), reached)
    finally:
        child.kill()
        gevent.killall(works)
        child.close()


def captured(command: Sequence[str], seconds: float) -> tuple[Ended, bytes, bytes]:
    """Run a process that reads nothing; return how it ended, its output and its errors."""
    output = {OUT: bytearray(), ERR: bytearray()}

    def take(name: str, chunk: bytes) -> bool:
        output[name] += chunk
        return True

    ended = run(command, (), take, Limits(seconds, seconds, MOST))
    return ended, bytes(output[OUT]), bytes(output[ERR])


class _Watch:
    def __init__(self, take: Take, limits: Limits) -> None:
        self._take, self._limits = take, limits
        self._event = Event()
        self._begun = False
        self._bytes = 0
        self.too_much: str | None = None

    def read(self, name: str, stream: FileObjectPosix) -> None:
        while chunk := stream.read(CHUNK):
            self._bytes += len(chunk) + LINE * chunk.count(b"\n")
            if self._bytes > self._limits.output:
                self.too_much = f"it printed more than {self._limits.output} bytes"
                self._event.set()
                return
            try:
                self._begun |= self._take(name, chunk)
            except Exception as error:
                self.too_much = f"its output can't be read ({type(error).__name__})"
                self._event.set()
                return

    def until_end(self, child: Child | Channel) -> str | None:
        started = time.monotonic()
        child.then(lambda _: self._event.set())
        while child.code is None:
            if self.too_much:
                return self.too_much
            spent = time.monotonic() - started
            if spent >= self._limits.whole:
                return f"it took longer than {self._limits.whole:g} s"
            if not self._begun and spent >= self._limits.first_byte:
                return f"it had not begun after {self._limits.first_byte:g} s"
            left = self._limits.whole - spent
            if not self._begun:
                left = min(left, self._limits.first_byte - spent)
            self._event.wait(min(left, 1.0))
        return self.too_much


def _write(stream: FileObjectPosix, chunks: Iterable[bytes]) -> None:
    try:
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                view = view[stream.write(view[:CHUNK]) or 0 :]
    except OSError:
        # It reads no more: its exit code says why.
        pass
    finally:
        _close(stream)


def _close(stream: FileObjectPosix) -> None:
    with suppress(OSError):
        stream.close()


def environment(**more: str) -> dict[str, str]:
    """Return the environment of ssh: this process's, with more in it."""
    return {**os.environ, **more}
