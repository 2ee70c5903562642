"""Lines of a host, told apart from ours: nothing that a host prints is taken for our advice."""

from __future__ import annotations

BAR = "| "
"""What stands before a line of a host, where a user reads it."""


class Advice(str):
    """A line of ours among those of a host: why a command failed there, and the fix."""

    __slots__ = ()


def barred(line: str) -> str:
    """Return a line as a user reads it: a bar stands before what a host printed."""
    return line if isinstance(line, Advice) else f"{BAR}{line}"
