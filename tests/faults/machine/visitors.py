"""Visitors of the pinboard on a machine: they ask for its page and pin notes, until it is cut."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.e2e.lab.project import TOKEN

PAUSE = 0.3
SECONDS = 60.0
"""So long a visitor waits: an emulated machine that deploys is slow."""


@dataclass(frozen=True)
class Page:
    """What a page says of the release that made it."""

    version: str
    title: str


@dataclass
class Visitors:
    """What was asked by the proxy, and what came of it.

    + pinned: notes that were answered as pinned
    + failed: when a request failed, by the monotonic clock, and how
    """

    port: int
    name: str
    pinned: list[str] = field(default_factory=list)
    failed: list[tuple[float, str]] = field(default_factory=list)
    count: int = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Ask, all the while, in a thread."""
        over = threading.Event()
        thread = threading.Thread(target=self._visit, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(SECONDS + 5)

    def failures(self, until: float) -> list[str]:
        """Return how requests failed before that moment."""
        return [how for when, how in self.failed if when < until]

    def page(self) -> Page:
        """Return what the page says. Raises OSError or HTTPException."""
        return page_of(self._ask("/"))

    def _visit(self, over: threading.Event) -> None:
        while not over.wait(PAUSE):
            self.count += 1
            try:
                self.page()
                note = f"{self.name} note {self.count}"
                self._ask("/notes", json.dumps({"body": note}).encode())
                self.pinned.append(note)
            except (OSError, HTTPException, ValueError) as error:
                self.failed.append((time.monotonic(), f"{type(error).__name__} {error}"))

    def _ask(self, path: str, data: bytes | None = None) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data,
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - likewise
            return str(answer.read().decode())


def page_of(html: str) -> Page:
    """Return what a page says of its release. Raises ValueError."""
    title = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    version = re.search(r"Pinboard (\S+) on", html)
    if title is None or version is None:
        raise ValueError(f"no page of the pinboard: {html[:80]!r}")
    return Page(version[1], title[1].strip())
