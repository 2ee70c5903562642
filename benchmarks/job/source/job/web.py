"""The web process: it says what it was started with."""

import orjson
from flask import Flask, Response

from job.started import started_with


def create() -> Flask:
    """Return the application, which has read its configuration."""
    app, body = Flask(__name__), orjson.dumps(started_with())

    @app.get("/health")
    def health() -> Response:
        return Response(body, mimetype="application/json")

    return app
