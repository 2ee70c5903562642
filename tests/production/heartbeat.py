"""The heart of pinboard's worker: how old its last beat is, as the web process reads it."""

from __future__ import annotations

import json

from homeport.manifest import App
from tests.production.endpoints import Endpoint, endpoints, replies, uptime

APP = "pinboard"
PERIOD = 1.1
"""Seconds within which the heart has surely beaten again."""


def ready(app: App) -> Endpoint:
    """Return the endpoint that tells of the worker."""
    return next(e for e in endpoints(app) if (e.process, e.path) == ("web", "/health/ready"))


def notes(app: App) -> str:
    """Return the arguments with which curl reaches the notes."""
    return ready(app).where.replace(ready(app).path, "/notes")


def again(app: App, earlier: str) -> str:
    """Return the shell that asks again, a beat after an earlier answer; and pins a note, in vain.

    The note comes without the token, and is empty: it should be refused, and can't be pinned.
    """
    endpoint = ready(app)
    status = r"-s --max-time 5 -w '\nstatus\t%{http_code}\t"
    until = int((uptime(earlier) + PERIOD) * 100)
    return f"""\
while read -r now _ </proc/uptime; [ "${{now%.*}}${{now#*.}}" -lt {until} ]; do sleep 0.1; done
curl {status}{endpoint}\\n' {endpoint.where} \\
  --next {status}note\\n' -d '{{"body": ""}}' {notes(app)} || :
read -r uptime _ </proc/uptime
printf 'uptime\\t%s\\n' "$uptime"
"""


def age(app: App, answer: str) -> float | None:
    """Return how many seconds ago the heart beat, None if it never did or nobody can tell."""
    reply = replies(answer).get(str(ready(app)))
    try:
        return float(json.loads(reply.body)["worker"]["age_seconds"]) if reply else None
    except (ValueError, KeyError, TypeError):
        return None


def moment(app: App, answer: str) -> float | None:
    """Return the moment of that beat, in seconds since the host was started."""
    old = age(app, answer)
    return None if old is None else uptime(answer) - old
