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
index_url: https://index.example/simple
apt_packages: [sqlite3]
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
    disable_hardening: [MemoryDenyWriteExecute]
    strategy: recreate
  worker:
    command: python -m pinboard.worker
  api:
    command: gunicorn --bind unix:{socket} pinboard.api:app
    listen: socket
schedules:
  tidy: {command: "python -m pinboard.tidy", at: daily, memory: 128M, timeout: 600}
proxy:
  process: api
  server_names: [pins.example]
  port: 8443
  tls: {certificate: /etc/ssl/pins.pem, key: /etc/ssl/private/pins.key}
  max_body_size: 10M
  response_timeout: 30
  expose_health_paths: false
  response_headers: {X-Frame-Options: DENY}
git_hooks: {pre-commit: python -m compileall -q examples}
config_files:
  pinboard.conf: {template: examples/pinboard/conf.j2, validate: "pinboard --check {file}"}
  conf.d/extra.conf: {template: examples/pinboard/conf.j2}
run_once:
  database: {command: "pinboard init {data} {config}", timeout: 60, memory: 64M}
  first-user: pinboard add-user admin
release_check: pinboard --self-test {data} {config}
release: {soak: 3, keep_releases: 7}
"""

Read = Callable[..., App]
"""Takes a piece of the valid file and what to put there, and keys of an override."""
