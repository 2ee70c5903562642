"""Where the load goes to, and how its clients get there."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

PATIENCE = 20.0
"""Seconds after which a request without an answer has failed."""


@dataclass(frozen=True)
class Target:
    """A server.

    + name: what it is called in a URL, and in its certificate
    + address, port: where it is, or what leads there
    + authority: file with the certificate that its own is signed by; without it there is no TLS
    """

    name: str
    address: str
    port: int
    authority: str | None = None

    def url(self, path: str) -> str:
        """Return the URL of something there."""
        return f"{'https' if self.authority else 'http'}://{self.name}:{self.port}{path}"

    def trust(self) -> ssl.SSLContext | bool:
        """Return what to verify it by: that authority alone."""
        return ssl.create_default_context(cafile=self.authority) if self.authority else True

    def client(self, trust: ssl.SSLContext | bool, *, keeps: bool) -> ClientSession:
        """Return a client that keeps its connections, or makes a new one for each request."""
        connector = TCPConnector(
            limit=0,
            ssl=trust,
            resolver=_Known(self),
            **({"keepalive_timeout": 600} if keeps else {"force_close": True}),
        )
        session = ClientSession(connector=connector, timeout=ClientTimeout(total=PATIENCE))
        # It would send once more what was lost with a kept connection, and that is to be counted.
        session._retry_connection = False
        return session


class _Known(AbstractResolver):
    def __init__(self, target: Target) -> None:
        self._target = target

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=self._target.address,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass
