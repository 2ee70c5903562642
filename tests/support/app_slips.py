"""What tests of several modules share: app slips."""

from __future__ import annotations

NAME, SOURCE, PYTHON = "name: pinboard", "source: examples/pinboard", 'python: "3.11"'
INDEX, PACKAGES = "index_url: https://index.example/simple", "apt_packages: [sqlite3]"
SECRET, DATA = "{file: secrets/pinboard-token}", "data: [uploads, cache/thumbs]"
COMMAND = "command: gunicorn --bind 0.0.0.0:{port} pinboard.web:app"
WORKER, TIDY, LISTEN = "python -m pinboard.worker", '"python -m pinboard.tidy"', "listen: 8000"
