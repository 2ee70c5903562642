"""A server that does next to nothing: what the load says of it, the load itself has done.

``python -m benchmarks.load.bare_server CERTIFICATE KEY`` says its port, and goes on until its
standard input ends.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import WSMsgType, web

from benchmarks.contenders.contender import PROJECT
from benchmarks.load.authority import Authority
from benchmarks.load.priority import be_urgent
from benchmarks.load.request import SAYS
from benchmarks.load.target import Target
from benchmarks.load.work import SERVED

RELEASE = "plain"


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    """Answer as the application does, whatever its release."""
    if request.path == "/ws":
        return await _echo(request)
    if request.path == "/slow":
        await asyncio.sleep(float(request.query["seconds"]))
    body = await request.read() if request.method == "POST" else request.query["said"].encode()
    return web.Response(body=body, headers={SAYS: RELEASE})


async def _echo(request: web.BaseRequest) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for heard in socket:
        if heard.type is WSMsgType.TEXT:
            await socket.send_str(f"{RELEASE} {heard.data}")
    return socket


@contextmanager
def plain(authority: Authority) -> Iterator[Target]:
    """Have such a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load.bare_server"]
    with subprocess.Popen(
        [*command, *map(str, authority.certify(SERVED))],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if not process.stdin or not process.stdout:
            raise AssertionError("both are pipes")
        port = int(process.stdout.readline())
        yield Target(SERVED, "127.0.0.1", port, str(authority.certificate))
        process.stdin.close()


async def _serve(certificate: str, key: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    runner = web.ServerRunner(web.Server(answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    be_urgent()
    asyncio.run(_serve(*sys.argv[1:]))
