"""An open loop: each request is sent when it is due, whatever has become of those before it.

So a server that stalls is asked as much as ever, as by people who know nothing of each other. What
was due while no process answered has waited, and its time counts from when it was due.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count

from aiohttp import ClientSession

from benchmarks.load.request import Asking, Tell
from benchmarks.load.samples import SLOW
from benchmarks.load.target import Target
from benchmarks.load.websocket import stay

KEEPERS = 20
"""Clients that keep their connections: between two requests of theirs these are idle."""

SIZES = (1_000, 1_000, 1_000, 40_000)
"""Bytes of bodies, in turn; the last is more than nginx keeps in memory."""

FILLING = bytes(n % 251 for n in range(max(SIZES)))
PAUSE = 0.1
"""Seconds at least from one slow request to the next, should they fail at once."""


@dataclass(frozen=True)
class Plan:
    """How much is asked.

    + rate: requests a second
    + slow: seconds of the one request that is always being answered; 0: none is
    + socket: whether there is a websocket
    """

    rate: float
    slow: float = 5.0
    socket: bool = True


class Load:
    """Requests to a target until it is stopped, each of them told when it has ended."""

    def __init__(self, target: Target, plan: Plan, tell: Tell) -> None:
        self._target, self._plan, self._tell = target, plan, tell
        self._stop = asyncio.Event()
        self._now = asyncio.get_running_loop().time
        self._asking = Asking(target, tell, self._now)

    def stop(self) -> None:
        """Send nothing more; what is under way comes to its end."""
        self._stop.set()

    async def run(self) -> None:
        """Return when it was stopped, and all that was sent has ended."""
        trust = self._target.trust()
        keepers = [self._target.client(trust, keeps=True) for _ in range(KEEPERS)]
        newcomer = self._target.client(trust, keeps=False)
        try:
            async with asyncio.TaskGroup() as tasks:
                if self._plan.slow:
                    tasks.create_task(self._always_slow(newcomer))
                if self._plan.socket:
                    client = self._target.client(trust, keeps=True)
                    tasks.create_task(stay(client, self._target, self._tell, self._stop))
                await self._send_when_due(tasks, keepers, newcomer)
        finally:
            for client in (*keepers, newcomer):
                await client.close()

    async def _send_when_due(
        self, tasks: asyncio.TaskGroup, keepers: list[ClientSession], newcomer: ClientSession
    ) -> None:
        begun = self._now()
        for number in count():
            due = begun + number / self._plan.rate
            # Also where it is late: those that were sent want their turn.
            await asyncio.sleep(max(0.0, due - self._now()))
            if self._stop.is_set():
                return
            # Of four requests two are on kept connections, and one of these is a POST.
            keep_alive, posts, turn = number % 4 < 2, number % 2 == 1, number // 4
            client = keepers[turn % len(keepers)] if keep_alive else newcomer
            if posts:
                body = b"%d %s" % (number, FILLING[: SIZES[turn % len(SIZES)]])
                tasks.create_task(self._asking.post(client, body, keep_alive, due))
            else:
                tasks.create_task(self._asking.page(client, str(number), keep_alive, due))

    async def _always_slow(self, client: ClientSession) -> None:
        while not self._stop.is_set():
            due = self._now()
            path = f"/slow?seconds={self._plan.slow}&said={due}"
            await self._asking.get(client, SLOW, path, str(due), False, due)
            await asyncio.sleep(max(0.0, due + PAUSE - self._now()))
