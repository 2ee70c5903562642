"""A process that this one starts: posix_spawn(3), and a wait that lets others go on.

Popen forks all that this process has in memory, for each ssh of each host, and a signal that comes
in the middle of a fork is lost: Python ignores what the handler of Ctrl-C raises there.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.fileobject import FileObjectPosix

NULL, PIPE = -1, -2
"""In place of a file descriptor: /dev/null, or a pipe of ours."""
MODES = ("wb", "rb", "rb")
RESTORED = [signal.SIGPIPE, signal.SIGXFSZ]
"""Signals that Python ignores, and others don't."""


class Child:
    """A process in a session of its own; its pipes are files that wait as gevent does.

    + streams: for stdin, stdout and stderr a file descriptor, ``NULL`` or ``PIPE``
    + environment: this process's if None

    Raises ``OSError`` if there is no such program.
    """

    def __init__(
        self,
        command: Sequence[str],
        streams: Sequence[int] = (NULL, NULL, NULL),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.pipes: list[FileObjectPosix | None] = []
        actions: list[tuple[Any, ...]] = []
        theirs: list[int] = []
        for number, (stream, mode) in enumerate(zip(streams, MODES, strict=True)):
            ours = None
            if stream == PIPE:
                read, write = os.pipe()
                stream, own = (read, write) if mode == "wb" else (write, read)
                theirs.append(stream)
                ours = FileObjectPosix(own, mode, 0)
            self.pipes.append(ours)
            opened = (os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0)
            actions.append(opened if stream == NULL else (os.POSIX_SPAWN_DUP2, stream, number))
        loop = gevent.get_hub().loop
        loop.install_sigchld()
        try:
            self.pid = os.posix_spawnp(
                command[0],
                list(command),
                dict(os.environ if environment is None else environment),
                file_actions=actions,
                setsid=True,
                setsigdef=RESTORED,
            )
        except OSError:
            self.close()
            raise
        finally:
            for end in theirs:
                os.close(end)
        self._code: AsyncResult[int] = AsyncResult()
        # Its end is seen in the loop alone, so not before this stands.
        self._watcher = loop.child(self.pid)
        self._watcher.start(self._end)

    @property
    def code(self) -> int | None:
        """The exit code, that of a signal below zero; None while it runs."""
        code: int | None = self._code.value
        return code

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end; return the exit code, None if it runs on after so many seconds."""
        self._code.wait(seconds)
        return self.code

    def then(self, call: Callable[[object], None]) -> None:
        """Call something at its end, with an argument that says nothing."""
        self._code.rawlink(call)

    def kill(self) -> int:
        """End it unless it has ended; return the exit code."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        code: int = self._code.get()
        return code

    def close(self) -> None:
        """Close our ends of its pipes."""
        for pipe in self.pipes:
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _end(self) -> None:
        self._watcher.stop()
        self._code.set(os.waitstatus_to_exitcode(self._watcher.rstatus))
