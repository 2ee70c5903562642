"""A command over a master connection, in ssh's own protocol: no process is started for it.

The master takes what its clients send (OpenSSH's PROTOCOL.mux, version 4): the command, and the
ends of three pipes. It says whether the host has opened a session: what is refused is not sent.
"""

from __future__ import annotations

import array
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import gevent
from gevent import socket
from gevent.event import AsyncResult
from gevent.fileobject import FileObjectPosix

VERSION = 4
HELLO, NEW_SESSION, OPENED = 0x00000001, 0x10000002, 0x80000006
ENDED = 0x80000004
NO_ESCAPE = 0xFFFFFFFF
REQUEST = 1
LONGEST = 2**18
"""Bytes of a packet, which ssh limits, too."""
BROKEN = 255
"""The exit code of ssh where a connection breaks."""
MODES = ("wb", "rb", "rb")


class UnsentError(Exception):
    """Nothing was sent: there is no master, or the host opens no session."""


class Channel:
    """A command over a master connection, with pipes of ours.

    + path: the socket of the master
    + words: what the host's shell runs
    + agent: the command may use the user's agent

    Raises ``UnsentError``.
    """

    def __init__(self, path: Path, words: str, *, agent: bool = False) -> None:
        self.pipes: list[FileObjectPosix] = []
        self._code: AsyncResult[int] = AsyncResult()
        self._reading: gevent.Greenlet | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(path))
            self._write(HELLO, struct.pack(">I", VERSION))
            with self._their_ends() as ends:
                self._write(NEW_SESSION, _session(words, agent))
                for end in ends:
                    rights = array.array("i", [end]).tobytes()
                    way = (socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)
                    self._socket.sendmsg([b"\0"], [way])
                self._opened()
        except (OSError, EOFError, struct.error) as error:
            self.close()
            raise UnsentError(str(error)) from None
        except BaseException:
            self.close()
            raise
        self._reading = gevent.spawn(self._read_end)

    @property
    def code(self) -> int | None:
        """The exit code, ``BROKEN`` where the connection broke; None while it runs."""
        code: int | None = self._code.value
        return code

    def then(self, call: Callable[[object], None]) -> None:
        """Call something at its end, with an argument that says nothing."""
        self._code.rawlink(call)

    def kill(self) -> int:
        """Give it up unless it has ended; return the exit code."""
        if not self._code.ready():
            self._code.set(BROKEN)
        code: int = self._code.get()
        return code

    def close(self) -> None:
        """Close our ends: the master hangs up on the command if it still runs."""
        # A socket that is waited for would be closed later.
        if self._reading is not None:
            self._reading.kill()
        self._socket.close()
        for pipe in self.pipes:
            with suppress(OSError):
                pipe.close()

    @contextmanager
    def _their_ends(self) -> Iterator[list[int]]:
        theirs: list[int] = []
        try:
            for mode in MODES:
                read, write = os.pipe()
                its, ours = (read, write) if mode == "wb" else (write, read)
                theirs.append(its)
                self.pipes.append(FileObjectPosix(ours, mode, 0))
            yield theirs
        finally:
            for end in theirs:
                os.close(end)

    def _opened(self) -> None:
        while True:
            kind, body = self._read()
            if kind == OPENED:
                return
            if kind != HELLO:
                raise EOFError(body[8:].decode(errors="replace") or "it opens no session")
            if struct.unpack(">I", body[:4])[0] != VERSION:
                raise EOFError("it speaks another version")

    def _read_end(self) -> None:
        # The exit code may come before the last of the output; the end of the socket comes last.
        code = BROKEN
        with suppress(OSError, EOFError, struct.error):
            while True:
                kind, body = self._read()
                if kind == ENDED:
                    code = struct.unpack(">I", body[4:8])[0]
        if not self._code.ready():
            self._code.set(code)

    def _write(self, kind: int, body: bytes) -> None:
        self._socket.sendall(struct.pack(">II", len(body) + 4, kind) + body)

    def _read(self) -> tuple[int, bytes]:
        (size,) = struct.unpack(">I", self._exactly(4))
        if not 4 <= size <= LONGEST:
            raise EOFError("its packet has no size")
        packet = self._exactly(size)
        return struct.unpack(">I", packet[:4])[0], packet[4:]

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self._socket.recv(size - len(found))
            if not part:
                raise EOFError("the master has ended")
            found += part
        return found


def _session(words: str, agent: bool) -> bytes:
    # Without a terminal, X11, a subsystem, a character that escapes, and an environment.
    flags = struct.pack(">IIIII", 0, 0, int(agent), 0, NO_ESCAPE)
    return (
        struct.pack(">I", REQUEST) + _string(b"") + flags + _string(b"") + _string(words.encode())
    )


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
