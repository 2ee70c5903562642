"""A way to the hosts that takes longer, and counts: TCP, passed on late and unchanged.

The kernel of a test machine may have no ``netem``, so the delay is made here. What arrives is held
for half the round trip in each direction, however much it is; nothing is slowed beyond that.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

WAITING = 1024
"""Connections that may wait for being accepted: a benchmark opens many at once."""

Count = Callable[[int], None]


@dataclass
class Traffic:
    """What went through to one host.

    + sent, received: bytes, as the controller sees them, with what TCP and IP add left out
    + turns: how often the controller spoke after the host had; each of them waits a round trip
    """

    sent: int = 0
    received: int = 0
    turns: int = 0


class Relay:
    """Ports on loopback, one for each address, that lead to it by a detour of ``rtt`` seconds."""

    def __init__(self, addresses: Sequence[tuple[str, int]], rtt: float) -> None:
        self._addresses, self._half = addresses, rtt / 2
        self._traffic = [Traffic() for _ in addresses]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._ends, self._calls = set[End](), set[asyncio.Task[None]]()
        self.ports: list[int] = []

    def __enter__(self) -> Relay:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def counted(self) -> list[Traffic]:
        """Return what went through to each host since this was last asked."""
        totals = [replace(traffic) for traffic in self._traffic]
        for traffic in self._traffic:
            traffic.sent = traffic.received = traffic.turns = 0
        return totals

    async def _listen(self) -> None:
        self._servers = [
            await self._loop.create_server(self._called(number), "127.0.0.1", 0, backlog=WAITING)
            for number in range(len(self._addresses))
        ]
        self.ports = [server.sockets[0].getsockname()[1] for server in self._servers]

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for call in self._calls:
            call.cancel()
        for end in self._ends:
            end.abort()
        # What was aborted is closed in the loop's next turn.
        await asyncio.gather(*self._calls, return_exceptions=True)
        await asyncio.sleep(0)

    def _called(self, number: int) -> Callable[[], End]:
        def called() -> End:
            connection = Connection(self._traffic[number])
            near = End(self._half, connection.sent, self._ends)
            far = End(self._half, connection.received, self._ends)
            near.other, far.other = far, near
            call = self._loop.create_task(self._lead(near, far, *self._addresses[number]))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
            return near

        return called

    async def _lead(self, near: End, far: End, address: str, port: int) -> None:
        # The connection itself takes a round trip as well.
        await asyncio.sleep(2 * self._half)
        try:
            await self._loop.create_connection(lambda: far, address, port)
        except OSError:
            # Nothing listens there: the caller's connection is closed.
            near.abort()


class End(asyncio.Protocol):
    """One end of a connection: what is heard here is said at the other one, after a while."""

    other: End

    def __init__(self, half: float, count: Count, all_ends: set[End]) -> None:
        self._half, self._count, self._all = half, count, all_ends
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._underway = deque[tuple[float, bytes]]()
        self._early, self._over = deque[bytes](), False
        self._heard_end = self._said_end = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what has come before the other end was there."""
        self._transport = cast(asyncio.Transport, transport)
        self._all.add(self)
        while self._early:
            self.say(self._early.popleft())
        if self._over:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Have it said when it would have arrived."""
        self._count(len(data))
        self._send(data)

    def eof_received(self) -> bool:
        """Say the end likewise; what comes the other way is still passed on, if anything does."""
        self._heard_end = True
        self._send(b"")
        return not self._said_end

    def connection_lost(self, error: Exception | None) -> None:
        """Hang up at the other end too, after all that was said before."""
        self._all.discard(self)
        self._send(b"")
        self._loop.call_later(self._half, self.other.hang_up)

    def pause_writing(self) -> None:
        """Hear no more than can be said."""
        if self.other._transport:
            self.other._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        if self.other._transport:
            self.other._transport.resume_reading()

    def say(self, data: bytes) -> None:
        """Say something, or the end if it is nothing."""
        if self._transport is None:
            self._early.append(data)
        elif data:
            self._transport.write(data)
        elif not self._transport.is_closing():
            self._said_end = True
            with suppress(OSError):
                self._transport.write_eof()
            if self._heard_end:
                self._transport.close()

    def hang_up(self) -> None:
        """Close, when all is said."""
        self._over = True
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport:
            self._transport.abort()

    def _send(self, data: bytes) -> None:
        # One timer for all that is under way: it must arrive in the order in which it was sent.
        if not self._underway:
            self._loop.call_later(self._half, self._arrive)
        self._underway.append((self._loop.time() + self._half, data))

    def _arrive(self) -> None:
        while self._underway and self._underway[0][0] <= self._loop.time():
            self.other.say(self._underway.popleft()[1])
        if self._underway:
            self._loop.call_at(self._underway[0][0], self._arrive)


class Connection:
    """Who spoke last on one connection."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic, self._answered = traffic, True

    def sent(self, size: int) -> None:
        """Count what the controller says; it is a new turn if the host has spoken since."""
        self._traffic.sent += size
        if size and self._answered:
            self._traffic.turns += 1
            self._answered = False

    def received(self, size: int) -> None:
        """Count what the host says."""
        self._traffic.received += size
        self._answered = self._answered or bool(size)
