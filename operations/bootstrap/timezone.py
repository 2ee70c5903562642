"""The host's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api.command import QuoteString, StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    Reason,
    Target,
)
from homeport.engine.phase import operation_for

NAME = "timezone"


@dataclass(frozen=True)
class TimeZone:
    """The time zone in which the host tells people what time it is."""

    name: str


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the time zone."""
    return "timedatectl show -p Timezone --value\n" if description.of(TimeZone) else ":\n"


class Why(Reason):
    """The reasons why the time zone is to be set."""

    OTHER_ZONE = "time zone; was {}"


def diff(
    description: DesiredState, actual: str, pending: PendingTargets = NOTHING
) -> list[Change[TimeZone]]:
    """Return one change if the host has another one."""
    wanted = (zone for zone in description.of(TimeZone) if zone.name != actual)
    return [
        Change("change", Target(NAME, zone.name), (Why.OTHER_ZONE(actual),), zone)
        for zone in wanted
    ]


def apply(description: DesiredState, actual: str, changes: Sequence[Change[TimeZone]]) -> Commands:
    """Yield the command that sets it."""
    for change in changes:
        yield StringCommand("timedatectl set-timezone", QuoteString(change.payload.name))


KIND = Kind(NAME, probe, lambda answer: answer.text, diff, apply)
converge = operation_for(KIND)
"""Set the time zone."""
