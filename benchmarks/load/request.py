"""One request: sent, answered, and judged by what should have come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import ClientError, ClientSession

from benchmarks.load.samples import GET, POST, Sample
from benchmarks.load.target import Target

SAYS = "X-Release"
"""The header in which the application says which release answers."""

Tell = Callable[[Sample], None]
Answer = tuple[int, str, bytes]

LOST = (ClientError, OSError, TimeoutError)
"""What a request can end with that has no answer."""


class Asking:
    """Requests to one target; each is told of once, whatever becomes of it."""

    def __init__(self, target: Target, tell: Tell, now: Callable[[], float]) -> None:
        self._target, self._tell, self._now = target, tell, now

    async def page(self, client: ClientSession, text: str, keep_alive: bool, due: float) -> None:
        """Ask for a page that holds what is said in its address."""
        await self.get(client, GET, f"/page?said={text}", text, keep_alive, due)

    async def get(
        self, client: ClientSession, kind: str, path: str, wanted: str, keep_alive: bool, due: float
    ) -> None:
        """Ask for something whose whole text should be this."""

        async def ask() -> Answer:
            async with client.get(self._target.url(path)) as answer:
                return answer.status, answer.headers.get(SAYS, ""), await answer.read()

        await self._judged(kind, keep_alive, due, wanted.encode(), ask)

    async def post(self, client: ClientSession, body: bytes, keep_alive: bool, due: float) -> None:
        """Send a body that should come back."""

        async def ask() -> Answer:
            async with client.post(self._target.url("/echo"), data=body) as answer:
                return answer.status, answer.headers.get(SAYS, ""), await answer.read()

        await self._judged(POST, keep_alive, due, body, ask)

    async def _judged(
        self,
        kind: str,
        keep_alive: bool,
        due: float,
        wanted: bytes,
        ask: Callable[[], Awaitable[Answer]],
    ) -> None:
        late, release = self._now() - due, ""
        try:
            status, release, body = await ask()
            wrong = f"status {status}" if status != 200 else ""
            wrong = wrong or ("" if body == wanted else "the answer of another request")
        except LOST as error:
            wrong = why(error)
        self._tell(Sample(kind, keep_alive, due, late, self._now() - due, release, wrong))


def why(error: BaseException) -> str:
    """Return an error in a few words."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
