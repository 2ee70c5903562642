"""The load of the releases' benchmark asks as much as it says, and counts whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from benchmarks.load.load import Load, Plan
from benchmarks.load.samples import CUT, ECHO, GET, OPEN, POST, SLOW, Sample
from benchmarks.load.target import Target

RATE = 100.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """A small server that says what it is told to, and what it was asked."""

    def __init__(self) -> None:
        self.requests = Counter[str]()
        self.connections = set[object]()
        self.stalled = asyncio.Event()
        self.stalled.set()
        self.spoil: Handler | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the application does."""
        self.requests[request.path] += 1
        self.connections.add(request.transport)
        await self.stalled.wait()
        if self.spoil:
            return await self.spoil(request)
        if request.path == "/ws":
            return await self.echo(request)
        if request.path == "/slow":
            await asyncio.sleep(float(request.query["seconds"]))
        body = await request.read() if request.path == "/echo" else request.query["said"].encode()
        return web.Response(body=body, headers={"X-Release": "7"})

    async def echo(self, request: web.Request) -> web.WebSocketResponse:
        """Echo three words, then hang up."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for _ in range(3):
            await socket.send_str(f"7 {await socket.receive_str()}")
        await socket.close()
        return socket


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Server, Target]]:
    server = Server()
    runner = web.ServerRunner(web.Server(server.answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield server, Target("ticker.test", "127.0.0.1", runner.addresses[0][1])
    finally:
        server.stalled.set()
        await runner.cleanup()


async def loaded(
    target: Target, plan: Plan, until: Callable[[list[Sample]], bool] | Awaitable[None]
) -> list[Sample]:
    """Return what a load tells that is stopped when it is time."""
    samples: list[Sample] = []
    load = Load(target, plan, samples.append)
    running = asyncio.create_task(load.run())
    if callable(until):
        while not until(samples) and not running.done():
            await asyncio.sleep(0.01)
    else:
        await until
    load.stop()
    await asyncio.wait_for(running, 30)
    return samples


def test_load__a_server_that_stalls_is_asked_as_much_as_ever_and_its_delay_is_counted() -> None:
    async def story() -> tuple[Server, list[Sample]]:
        async with serving() as (server, target):

            async def stall() -> None:
                server.stalled.clear()
                # Nobody is answered, and all the same everybody asks.
                async with asyncio.timeout(20):
                    while server.requests.total() < 50:
                        await asyncio.sleep(0.01)
                server.stalled.set()

            return server, await loaded(target, Plan(RATE, 0, socket=False), stall())

    server, samples = asyncio.run(story())
    assert len(samples) == server.requests.total() >= 50
    assert not [sample for sample in samples if sample.wrong]
    # The first waited for as long as it took until the fiftieth was due.
    assert max(sample.took for sample in samples) >= 40 / RATE
    dues = sorted(sample.due for sample in samples)
    assert dues == pytest.approx([dues[0] + n / RATE for n in range(len(dues))])


def test_load__half_of_it_is_on_kept_connections_and_half_has_bodies_that_come_back() -> None:
    async def story() -> tuple[Server, list[Sample]]:
        async with serving() as (server, target):
            plan = Plan(RATE, 0, socket=False)
            return server, await loaded(target, plan, lambda samples: len(samples) >= 200)

    server, samples = asyncio.run(story())
    shares = Counter((sample.kind, sample.keep_alive) for sample in samples)
    assert set(shares) == {
        (kind, keep_alive) for kind in (GET, POST) for keep_alive in (True, False)
    }
    assert max(shares.values()) - min(shares.values()) <= 2
    new = sum(not sample.keep_alive for sample in samples)
    assert new < len(server.connections) < len(samples)
    assert {sample.release for sample in samples} == {"7"}


def test_load__something_slow_is_always_being_answered() -> None:
    async def story() -> list[Sample]:
        async with serving() as (_, target):
            plan = Plan(RATE, 0.3, socket=False)
            return await loaded(target, plan, lambda samples: slow(samples) >= 3)

    def slow(samples: list[Sample]) -> int:
        return sum(sample.kind == SLOW for sample in samples)

    samples = [sample for sample in asyncio.run(story()) if sample.kind == SLOW]
    assert all(not sample.wrong and sample.took >= 0.3 for sample in samples)


def test_load__a_websocket_that_has_ended_is_no_failure_and_is_opened_anew() -> None:
    async def story() -> list[Sample]:
        async with serving() as (_, target):
            return await loaded(target, Plan(RATE, 0), lambda samples: opened(samples) >= 2)

    def opened(samples: list[Sample]) -> int:
        return sum(sample.kind == OPEN for sample in samples)

    samples = [sample for sample in asyncio.run(story()) if sample.kind in (OPEN, ECHO, CUT)]
    assert [sample.kind for sample in samples][:5] == [OPEN, ECHO, ECHO, CUT, OPEN]
    assert not [sample for sample in samples if sample.wrong]


async def another(request: web.Request) -> web.StreamResponse:
    return web.Response(text="not what was asked for")


async def lost(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def broken(request: web.Request) -> web.StreamResponse:
    return web.Response(status=502)


@pytest.mark.parametrize(
    ("spoil", "reasons"),
    [
        (another, "the answer of another request"),
        (lost, "ServerDisconnectedError|ClientOSError"),
        (broken, "status 502"),
    ],
)
def test_load__whatever_goes_wrong_is_counted_and_nothing_is_tried_twice(
    spoil: Handler, reasons: str
) -> None:
    async def story() -> tuple[int, list[Sample]]:
        async with serving() as (server, target):
            first = await loaded(
                target, Plan(RATE, 0, socket=False), lambda samples: len(samples) >= 50
            )
            server.spoil, before = spoil, server.requests.total()
            samples = await loaded(
                target, Plan(RATE, 0, socket=False), lambda samples: len(samples) >= 50
            )
            assert not [sample for sample in first if sample.wrong]
            return server.requests.total() - before, samples

    sent, samples = asyncio.run(story())
    assert len(samples) == sent
    assert all(any(words in sample.wrong for words in reasons.split("|")) for sample in samples)


def test_load__a_kept_connection_that_is_lost_with_a_request_on_it_is_counted() -> None:
    async def story() -> list[Sample]:
        async with serving() as (server, target):

            async def each_second_time(request: web.Request) -> web.StreamResponse:
                # Nothing is wrong with the first request of a connection: its client is kept.
                if request.method == "GET" and request.transport in known:
                    return await lost(request)
                known.add(request.transport)
                return web.Response(body=await request.read() or request.query["said"].encode())

            known = set[object]()
            server.spoil = each_second_time
            plan = Plan(RATE, 0, socket=False)
            return await loaded(target, plan, lambda samples: len(samples) >= 200)

    samples = asyncio.run(story())
    assert [
        sample for sample in samples if sample.wrong and sample.keep_alive and sample.kind == GET
    ]
