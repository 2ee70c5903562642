"""A valid application file."""

from __future__ import annotations

from collections.abc import Callable

from homeport.manifest import App

VALID = """\
# yaml-language-server: $schema=docs/app.schema.json
name: pinboard
source: examples/pinboard
exclude: ["*.md"]
python: "3.11"
requirements: examples/pinboard/requirements.txt
index: https://index.example/simple
packages: [sqlite3]
environment: {PINBOARD_TITLE: "Pinboard", WORKERS: 2}
secrets:
  PINBOARD_TOKEN: {file: secrets/pinboard-token}
  PINBOARD_KEY: {command: [pass, show, pinboard/key]}
data: [uploads, cache/thumbs]
skip_imports: [pinboard.wsgi]
processes:
  web:
    command: gunicorn --bind 0.0.0.0:{port} pinboard.web:app
    listen: 8000
    notify: true
    watchdog: 10
    health: {live: /health/live, ready: /health/ready}
    memory: 256M
    tasks: 64
    stop_timeout: 20
    relax: [MemoryDenyWriteExecute]
    exclusive: true
  worker:
    command: python -m pinboard.worker
  api:
    command: gunicorn --bind unix:{socket} pinboard.api:app
    listen: socket
schedules:
  tidy: {command: "python -m pinboard.tidy", at: daily, memory: 128M, timeout: 600}
front:
  process: api
  names: [pins.example]
  port: 8443
  tls: {certificate: /etc/ssl/pins.pem, key: /etc/ssl/private/pins.key}
  body: 10M
  timeout: 30
  health: false
  headers: {X-Frame-Options: DENY}
hooks: {pre-commit: python -m compileall -q examples}
config:
  pinboard.conf: {template: examples/pinboard/conf.j2, check: "pinboard --check {}"}
  conf.d/extra.conf: {template: examples/pinboard/conf.j2}
init:
  database: {command: "pinboard init {data} {config}", timeout: 60, memory: 64M}
  first-user: pinboard add-user admin
check: pinboard --self-test {data} {config}
release: {soak: 3, keep: 7}
"""

Read = Callable[..., App]
"""Takes a piece of the valid file and what to put there, and keys of an override."""
