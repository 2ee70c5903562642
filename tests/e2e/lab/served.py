"""A small server on a socket, which needs nothing but Python: what stands behind a proxy."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    deaths = 0

    def do_GET(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.echo()
        elif self.path == "/die":
            self.die()
        elif self.path == "/deaths":
            self.answer({"deaths": Handler.deaths})
        elif self.path == "/own-headers":
            self.answer({}, {"X-Frame-Options": "DENY"})
        else:
            self.answer({"path": self.path, "app": sys.argv[2], "told": dict(self.headers)})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/die":
            self.die()
        else:
            self.answer({"length": len(body), "sha256": hashlib.sha256(body).hexdigest()})

    def answer(self, body: dict[str, object], headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def die(self) -> None:
        """End a connection on which a whole request came, without a word."""
        Handler.deaths += 1
        self.close_connection = True

    def echo(self) -> None:
        """Give back what comes, to the byte, until the client has had enough."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        self.close_connection = True
        while data := self.connection.recv(65536):
            self.connection.sendall(data)

    def log_message(self, form: str, *arguments: object) -> None:
        pass

    def address_string(self) -> str:
        return "-"


def main() -> None:
    Path(sys.argv[1]).unlink(missing_ok=True)
    # Whoever may enter its folder may connect.
    os.umask(0)
    with Server(sys.argv[1], Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
