"""One finding about a venv."""

from __future__ import annotations

from typing import Literal, NamedTuple

Finding = Literal[
    "not there",
    "not known",
    "interpreter",
    "system packages",
    "missing",
    "extra",
    "other version",
    "other hash",
    "start-up file",
    "foreign file",
    "lost file",
    "edited file",
]


class Drift(NamedTuple):
    """One difference from the lock: its kind, what it is about, and what is wrong with it.

    + file_level: only a probe of every file finds it
    """

    kind: Finding
    what: str
    detail: str
    file_level: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.what} {self.detail}"
