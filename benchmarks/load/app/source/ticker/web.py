"""What is asked under load: a page, an echo, something slow, a websocket, and two health checks."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from ticker import CRASH, RELEASE

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LONGEST = 30.0
SAYS = (b"x-release", RELEASE.encode())
visited = False


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, as ASGI has it."""
    kind = scope["type"]
    if kind == "http":
        await http(scope, receive, send)
    elif kind == "websocket":
        await websocket(receive, send)
    else:
        await lifespan(receive, send)


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request."""
    path, query = scope["path"], parse_qs(scope["query_string"].decode())
    if path.startswith("/health/"):
        await answer(send, 200, b"well")
        return
    crash_some_time()
    if path == "/echo" and scope["method"] == "POST":
        await answer(send, 200, await whole(receive))
    elif path == "/slow":
        await asyncio.sleep(min(LONGEST, float(query["seconds"][0])))
        await answer(send, 200, query["said"][0].encode())
    elif path == "/page":
        await answer(send, 200, query["said"][0].encode())
    else:
        await answer(send, 404, b"no such page")


async def websocket(receive: Receive, send: Send) -> None:
    """Say what is heard, after the name of the release."""
    await receive()
    await send({"type": "websocket.accept"})
    while (heard := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": f"{RELEASE} {heard['text']}"})


async def lifespan(receive: Receive, send: Send) -> None:
    """Start and stop when it is asked for: there is nothing to be done for either."""
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def whole(receive: Receive) -> bytes:
    """Return the body of a request."""
    parts, more = [], True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            break
        parts.append(event.get("body", b""))
        more = event.get("more_body", False)
    return b"".join(parts)


async def answer(send: Send, status: int, body: bytes) -> None:
    """Send one answer."""
    headers = [SAYS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def crash_some_time() -> None:
    """Die some time after the first visitor, if this is such a release: as if out of memory."""
    global visited
    if CRASH is not None and not visited:
        visited = True
        asyncio.get_running_loop().call_later(CRASH, os.kill, os.getpid(), signal.SIGKILL)
