"""A websocket that stays open, is echoed on, and is opened anew at once where it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import ClientError, ClientSession, WSMsgType
from aiohttp.client_ws import ClientWebSocketResponse

from benchmarks.load.request import LOST, Tell, why
from benchmarks.load.samples import CUT, ECHO, OPEN, Sample
from benchmarks.load.target import Target

PAUSE = 0.2
"""Seconds between two words, and before what failed is tried again."""

PATIENCE = 5.0
"""Seconds after which a word without an echo has failed."""


async def stay(client: ClientSession, target: Target, tell: Tell, stop: asyncio.Event) -> None:
    """Have a websocket open until it is stopped."""
    now = asyncio.get_running_loop().time
    async with client:
        while not stop.is_set():
            due, release = now(), ""
            try:
                async with client.ws_connect(target.url("/ws")) as socket:
                    release = opened = await _word(socket, OPEN, due, tell, now)
                    while release and not stop.is_set():
                        await asyncio.sleep(PAUSE)
                        release = await _word(socket, ECHO, now(), tell, now)
            except LOST as error:
                opened = ""
                tell(Sample(OPEN, True, due, 0.0, now() - due, "", why(error)))
            if not opened:
                await asyncio.sleep(PAUSE)


async def _word(
    socket: ClientWebSocketResponse, kind: str, due: float, tell: Tell, now: Callable[[], float]
) -> str:
    """Say something and hear it again; return the release, nothing when the socket has ended.

    That an open one ends is no failure: it stays with the release that it was opened to.
    """
    message, release, wrong, ended = str(due), "", "", ""
    try:
        await socket.send_str(message)
        heard = await socket.receive(timeout=PATIENCE)
        if heard.type is WSMsgType.TEXT:
            release, _, echoed = heard.data.partition(" ")
            wrong = "" if echoed == message else "the answer of another word"
        else:
            ended = f"ended at once: {heard.type.name} {heard.data}"
    except TimeoutError as error:
        wrong = why(error)
    except (ClientError, OSError) as error:
        ended = why(error)
    if ended:
        kind, wrong = (CUT, "") if kind == ECHO else (kind, ended)
    tell(Sample(kind, True, due, 0.0, now() - due, release, wrong))
    return release
