"""A way to the hosts that takes longer, and counts: TCP, passed on late and unchanged.

The kernel of a test machine may have no ``netem``, so the delay is made here. What arrives is held
for half the round trip in each direction, however much it is; nothing is slowed beyond that.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

CHUNK = 1 << 18

Count = Callable[[int], None]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Underway = asyncio.Queue[tuple[float, bytes]]


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
        told = [replace(traffic) for traffic in self._traffic]
        for traffic in self._traffic:
            traffic.sent = traffic.received = traffic.turns = 0
        return told

    async def _listen(self) -> None:
        self._servers = [
            await asyncio.start_server(self._serve(number), "127.0.0.1", 0, limit=CHUNK)
            for number in range(len(self._addresses))
        ]
        self.ports = [server.sockets[0].getsockname()[1] for server in self._servers]

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # What was aborted is closed in the loop's next turn.
        await asyncio.sleep(0)

    def _serve(self, number: int) -> Serve:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            address, port = self._addresses[number]
            connection = Connection(self._traffic[number])
            ends = [writer]
            try:
                # The connection itself takes a round trip as well.
                await asyncio.sleep(2 * self._half)
                there, onward = await asyncio.open_connection(address, port, limit=CHUNK)
                ends.append(onward)
                await asyncio.gather(
                    self._pass_on(reader, onward, connection.sent),
                    self._pass_on(there, writer, connection.received),
                )
            except (OSError, asyncio.CancelledError):
                # Nobody is there, or this is the end: whoever called is hung up on.
                for end in ends:
                    end.transport.abort()
            for end in ends:
                end.close()

        return serve

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Count
    ) -> None:
        underway: Underway = asyncio.Queue()
        with suppress(ConnectionError):
            async with asyncio.TaskGroup() as both:
                both.create_task(self._take(reader, underway, count))
                both.create_task(self._give(underway, writer))

    async def _take(self, reader: asyncio.StreamReader, underway: Underway, count: Count) -> None:
        chunk = b"?"
        while chunk:
            with suppress(ConnectionError):
                chunk = b""
                chunk = await reader.read(CHUNK)
            count(len(chunk))
            underway.put_nowait((self._loop.time() + self._half, chunk))

    async def _give(self, underway: Underway, writer: asyncio.StreamWriter) -> None:
        while True:
            due, chunk = await underway.get()
            if (left := due - self._loop.time()) > 0:
                await asyncio.sleep(left)
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()


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
