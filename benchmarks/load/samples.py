"""What the load has seen: one sample for each request, in the order in which they ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

GET, POST, SLOW, OPEN, ECHO, CUT = "get", "post", "slow", "open", "echo", "cut"
"""Kinds: the last three are a websocket's: it was opened, it was echoed on, it was ended."""


class Sample(NamedTuple):
    """One request, and what became of it.

    + kind: one of the above; a ``CUT`` is no request, and never wrong
    + keep_alive: whether it was sent by a client that keeps its connection
    + due: when it was to be sent, by the monotonic clock
    + late: seconds until it was sent
    + took: seconds from when it was due to the last byte of its answer
    + release: what answered; nothing if nothing did
    + wrong: why it counts as failed; nothing if it doesn't
    """

    kind: str
    keep_alive: bool
    due: float
    late: float
    took: float
    release: str
    wrong: str

    def write(self, file: TextIO) -> None:
        """Append it, as one line."""
        due, late, took = round(self.due, 5), round(self.late, 5), round(self.took, 5)
        file.write(json.dumps(self._replace(due=due, late=late, took=took)) + "\n")


def read(path: Path) -> Iterator[Sample]:
    """Yield the samples of a file; what was being written as it ended is left out."""
    with path.open() as file:
        for line in file:
            if line.endswith("\n"):
                yield Sample(*json.loads(line))
