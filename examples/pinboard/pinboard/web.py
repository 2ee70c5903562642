"""The web process: a page, a small JSON interface, and two health checks.

Settings are read when they are needed, so importing this touches neither disk nor environment.
"""

import hmac
import os
import platform
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Flask, Response, render_template, request

from pinboard import __version__, store

SHOWN = 100
LONGEST = 4000
# Shorter than a health check's own patience: a reason beats a time-out.
READY_WAIT = 1.5

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024


def answer(payload: Any, status: int = 200) -> Response:
    """A JSON answer that no cache keeps."""
    response = Response(orjson.dumps(payload), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@app.get("/")
def index() -> str:
    """The board, for people."""
    with closing(store.connect(store.location())) as db:
        notes = store.latest(db, SHOWN)
    for note in notes:
        note["pinned"] = datetime.fromtimestamp(note["created"], UTC)
    return render_template(
        "index.html",
        title=os.environ.get("PINBOARD_TITLE") or "Pinboard",
        notes=notes,
        version=__version__,
        machine=platform.machine(),
    )


@app.get("/notes")
def notes() -> Response:
    """The board, for programs."""
    with closing(store.connect(store.location())) as db:
        return answer({"notes": store.latest(db, SHOWN)})


@app.post("/notes")
def pin() -> Response:
    """Pin a note, given as {"body": "..."}."""
    if not _allowed():
        refusal = answer({"error": "this needs the bearer token"}, 401)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    try:
        body = orjson.loads(request.get_data())["body"].strip()
    except (ValueError, LookupError, TypeError, AttributeError):
        return answer({"error": 'send JSON like {"body": "some text"}'}, 400)
    if not 0 < len(body) <= LONGEST:
        return answer({"error": f"a note has between 1 and {LONGEST} characters"}, 400)
    with closing(store.connect(store.location())) as db:
        return answer(store.add(db, body, time.time()), 201)


@app.get("/health/live")
def live() -> Response:
    """Whether this process answers: no reason to ask anything of the database."""
    return answer({"live": True})


@app.get("/health/ready")
def ready() -> Response:
    """Whether this process can serve: its database takes a write and gives it back."""
    try:
        with closing(store.connect(store.location(), wait=READY_WAIT)) as db:
            store.check(db)
            beat = store.last_beat(db)
    except store.Unavailable as error:
        return answer({"ready": False, "reason": f"the database doesn't answer: {error}"}, 503)
    worker = None
    if beat:
        host, at = beat
        # The clock may have been set back since; an age below nought would only puzzle.
        worker = {"host": host, "age_seconds": round(max(0.0, time.time() - at), 1)}
    # The worker is told, not judged: pages are served without it, and it has its own watchdog.
    return answer({"ready": True, "version": __version__, "worker": worker})


@app.errorhandler(sqlite3.Error)
@app.errorhandler(OSError)
def unavailable(error: Exception) -> Response:
    """Say that it is the database, and that trying again later makes sense."""
    app.logger.error("the database doesn't answer: %s", error)
    return answer({"error": "the database doesn't answer"}, 503)


def _allowed() -> bool:
    token = os.environ.get("PINBOARD_TOKEN", "")
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    # Without a token set, posting is refused: two empty strings are equal too.
    return (
        bool(token)
        and scheme.lower() == "bearer"
        and hmac.compare_digest(credentials.strip().encode(), token.encode())
    )
