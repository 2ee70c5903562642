"""A process that answers, or doesn't: a real server of HTTP, as bad as it has to be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

Answer = Callable[[socket.socket, threading.Event], None]
"""Writes an answer to a connection; an endless one ends with the event."""


def says(
    body: bytes, status: str = "200 OK", length: int | None = None, header: str = ""
) -> Answer:
    """Return the answer with this body, which may claim to be longer than it is."""

    def answer(connection: socket.socket, over: threading.Event) -> None:
        size = len(body) if length is None else length
        head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{header}Connection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return answer


def hangs(connection: socket.socket, over: threading.Event) -> None:
    """Take the question, and say nothing."""
    over.wait()


def drips(connection: socket.socket, over: threading.Event) -> None:
    """Say a little, all the time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not over.wait(0.05):
        connection.sendall(b"ok ")


def drips_headers(connection: socket.socket, over: threading.Event) -> None:
    """Never come to the answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.05):
        connection.sendall(b"X-Wait: a little\r\n")


def floods(connection: socket.socket, over: threading.Event) -> None:
    """Say a lot, all the time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"ok " * 10_000)


def babbles(connection: socket.socket, over: threading.Event) -> None:
    """Say what is no HTTP."""
    connection.sendall(b"ok\r\n")


def hangs_up(connection: socket.socket, over: threading.Event) -> None:
    """Say nothing, and go."""


WELL = says(b'{"ok": true}')

BAD = {
    "hanging": (hangs, "timed out"),
    "dripping without an end": (drips, "timed out"),
    "dripping headers without an end": (drips_headers, "timed out"),
    "flooding without an end": (floods, "has an answer without an end"),
    "huge": (says(b'"ok": true' * 300_000), "has an answer without an end"),
    "an error": (says(b'{"ok": true}', "500 Oops"), "answers 500, not 200"),
    "lying": (says(b'{"ok": false}'), "answers 200, but '\"ok\": true' is not in its body"),
    "empty": (says(b""), "answers 200, but '\"ok\": true' is not in its body"),
    "nothing at all": (says(b"", "204 No Content"), "answers 204, not 200"),
    "redirecting": (
        says(b'{"ok": true}', "302 Found", header="Location: /good\r\n"),
        "answers 302, not 200",
    ),
    "cut short": (says(b'{"ok": true}', length=99), "fails: "),
    "no HTTP": (babbles, "fails: "),
    "hung up": (hangs_up, "fails: "),
    "not UTF-8, and lying": (says(b"\xff\xfe ok"), "is not in its body"),
}
"""Answers that are no sign of life where '"ok": true' is wanted, and what is said of them."""


class Server:
    """Answers on a port, or on a socket, what ``answer`` is at that time."""

    def __init__(self, path: Path | None = None) -> None:
        self.answer: Answer = WELL
        self.requests: list[str] = []
        self._over = threading.Event()
        if path is None:
            self._listening = socket.create_server(("127.0.0.1", 0))
            self.port = int(self._listening.getsockname()[1])
        else:
            self._listening = socket.socket(socket.AF_UNIX)
            self._listening.bind(str(path))
            self._listening.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            question = b""
            while not question.endswith(b"\r\n\r\n"):
                question += connection.recv(1000)
            self.requests.append(question.decode().splitlines()[0])
            self.answer(connection, self._over)

    def stop(self) -> None:
        """Listen no more: who asks is refused."""
        self._over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
