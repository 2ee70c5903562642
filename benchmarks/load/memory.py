"""What units of a host need while releases are switched, seen from beneath."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from benchmarks.meter import memory, top
from homeport.errors import UserError
from lab import paths

SAMPLE = 0.5
"""Seconds between two looks at the memory."""

UNITS = {
    "the application": "system.slice/system-{app}*",
    "nginx": "system.slice/nginx.service",
    "homeport, during a deploy": "system.slice/homeportctl-*",
}


class Memory:
    """The most that units of a host had at one time, in bytes, by what they are.

    Pages that are shared are counted once (PSS). A peak that is shorter than half a second may be
    missed.
    """

    def __init__(self, name: str, app: str) -> None:
        self._top = top() / paths.place().machine(name) / "payload"
        if not self._top.is_dir():
            raise UserError(f"{name} has no control group {self._top}", fix="bring it up")
        self._globs = {what: glob.format(app=app) for what, glob in UNITS.items()}
        self.peak = dict.fromkeys(UNITS, 0)
        self._done = threading.Event()
        self._watcher = ThreadPoolExecutor(1)

    def __enter__(self) -> Memory:
        self._watch = self._watcher.submit(self._sample_repeatedly)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._done.set()
        self._watcher.shutdown()
        self._watch.result()

    def _sample_repeatedly(self) -> None:
        while not self._done.wait(SAMPLE):
            for what, glob in self._globs.items():
                self.peak[what] = max(self.peak[what], sum(map(memory, self._members(glob))))

    def _members(self, glob: str) -> set[int]:
        found = set[int]()
        for group in self._top.glob(glob):
            # A group may end while it is looked at, with all that is in it.
            for folder, _, _ in os.walk(group):
                with suppress(OSError):
                    procs = Path(folder, "cgroup.procs").read_text()
                    found |= {int(pid) for pid in procs.split()}
        return found
