"""The heart of pinboard's worker: how old its last beat is, as the web process reads it."""

from __future__ import annotations

import json

from homeport.engine.kind import DesiredState
from tests.production.endpoints import ASK, Endpoint, endpoints, replies, uptime

APP = "pinboard"
PERIOD = 1.1
"""Seconds within which the heart has surely beaten again."""


def ready(description: DesiredState) -> Endpoint:
    """Return the endpoint that tells of the worker."""
    return next(
        e for e in endpoints(description) if (e.process, e.path) == ("web", "/health/ready")
    )


def notes(description: DesiredState) -> str:
    """Return the arguments with which curl reaches the notes."""
    return ready(description).where.replace(ready(description).path, "/notes")


def again(description: DesiredState, earlier: str) -> str:
    """Return the shell that asks again, a beat after an earlier answer; and pins a note, in vain.

    The note comes without the token, and is empty: it should be refused, and can't be pinned.
    """
    note = f'ask note --max-time 5 -d \'{{"body": ""}}\' {notes(description)}'
    until = int((uptime(earlier) + PERIOD) * 100)
    return f"""\
while read -r now _ </proc/uptime; [ "${{now%.*}}${{now#*.}}" -lt {until} ]; do sleep 0.1; done
{ASK}
{ready(description).ask}
{note}
read -r uptime _ </proc/uptime
printf 'uptime\\t%s\\n' "$uptime"
"""


def age(description: DesiredState, answer: str) -> float | None:
    """Return how many seconds ago the heart beat, None if it never did or that is unknown."""
    reply = replies(answer).get(str(ready(description)))
    try:
        return float(json.loads(reply.text)["worker"]["age_seconds"]) if reply else None
    except (ValueError, KeyError, TypeError):
        return None


def moment(description: DesiredState, answer: str) -> float | None:
    """Return the moment of that beat, in seconds since the host was started."""
    old = age(description, answer)
    return None if old is None else uptime(answer) - old
