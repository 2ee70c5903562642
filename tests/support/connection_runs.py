"""What tests of several modules share: runs of the connection's benchmark."""

from __future__ import annotations

from typing import Any


def run(way: str, wall: float, cpu: float, number: int = 0, **other: Any) -> dict[str, Any]:
    """Return one run as the JSON has it."""
    known = {"job": "exec", "hosts": 1, "rtt": 0.0, "memory": 2**20}
    counts = {"turns": 0, "sent": 0, "received": 0}
    return {**known, **counts, "way": way, "round": number, "wall": wall, "cpu": cpu, **other}


def rounds(hosts: int, ssh: float, first: float, later: float) -> list[dict[str, Any]]:
    """Return three rounds on so many hosts, with these seconds of wall and of CPU."""
    return [
        run(way, seconds, seconds, number, hosts=hosts)
        for number in range(3)
        for way, seconds in (("ssh", ssh), ("openssh", first), ("openssh-next", later))
    ]
