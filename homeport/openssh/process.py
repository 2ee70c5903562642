"""One process of ssh on this machine: what goes in and comes out, by the byte, within limits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import gevent
from gevent import subprocess
from gevent.event import Event
from gevent.fileobject import FileObjectPosix

from homeport.openssh.limits import Limits

CHUNK = 2**16
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
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        env=environment,
    )
    watch = _Watch(take, limits)
    works = [
        gevent.spawn(_write, process.stdin, stdin),
        gevent.spawn(watch.read, OUT, process.stdout),
        gevent.spawn(watch.read, ERR, process.stderr),
    ]
    try:
        reached = watch.until_end(process)
        if reached is None:
            gevent.joinall(works[1:], timeout=GRACE)
            reached = watch.too_much
        return Ended(process.returncode, reached)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        gevent.killall(works)
        for stream in (process.stdin, process.stdout, process.stderr):
            _close(stream)


class _Watch:
    def __init__(self, take: Take, limits: Limits) -> None:
        self._take, self._limits = take, limits
        self._event = Event()
        self._begun = False
        self._bytes = 0
        self.too_much: str | None = None

    def read(self, name: str, stream: FileObjectPosix) -> None:
        while chunk := stream.read(CHUNK):
            self._bytes += len(chunk)
            if self._bytes > self._limits.output:
                self.too_much = f"it printed more than {self._limits.output} bytes"
                self._event.set()
                return
            if self._take(name, chunk):
                self._begun = True

    def until_end(self, process: subprocess.Popen[bytes]) -> str | None:
        started = time.monotonic()
        waits = gevent.spawn(process.wait)
        waits.link(lambda _: self._event.set())
        while not waits.ready():
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
