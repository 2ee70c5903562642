"""What tests of several modules share: benchmark rounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def run(contender: str, number: int, wall: float, **other: Any) -> dict[str, Any]:
    known = {"situation": "no-op", "architecture": "amd64", "hosts": 1, "rtt": 0.0}
    return {
        **known,
        "contender": contender,
        "round": number,
        "wall": wall,
        "cpu": wall / 2,
        "memory": 2**20,
        **other,
    }


def rounds(contender: str, *walls: float, **other: Any) -> Iterator[dict[str, Any]]:
    return (run(contender, number, wall, **other) for number, wall in enumerate(walls))
