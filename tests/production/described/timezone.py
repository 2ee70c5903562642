"""The time zone: where the link that every program follows leads."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.timezone import TimeZone

FOLDER = "/usr/share/zoneinfo"


def question(description: DesiredState) -> str:
    """Return the shell that prints where the time zone is."""
    return f"readlink /etc/localtime || echo {FOLDER}/Etc/UTC\n"


def faults(zone: TimeZone, answer: str) -> list[str]:
    """Return the zone that the host has instead."""
    found = answer.strip().partition("/zoneinfo/")[2]
    return [] if found == zone.name else [f"it is {found}"]
