"""The limits of a command on a host."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds until a command has begun, seconds until it has ended, bytes that it may print."""

    first_byte: float
    whole: float
    output: int
