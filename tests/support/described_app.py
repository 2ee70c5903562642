"""A small application, written out and described without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from homeport import manifest
from homeport.artifacts import PythonPlatform
from homeport.description import app_build, host
from homeport.description.app_build import AppBuild, build
from homeport.description.host import describe
from homeport.engine.kind import DesiredState
from homeport.manifest import App

# How long an example takes says nothing of what it proves.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

APP = """\
name: shop
source: code
python: "3.11"
apt_packages: [sqlite3]
environment: {MODE: "a b", WORKERS: 2}
secrets:
  TOKEN: {file: secrets/token}
  KEY: {command: [cat, secrets/key]}
data: [uploads, cache/thumbs]
processes:
  web:
    command: gunicorn --bind 0.0.0.0:{port} --name "50% of $HOME" shop.web:app
    listen: 8000
    notify: true
    health: {live: /live, ready: /ready?x=1}
    memory: 256M
    stop_timeout: 20
  api:
    command: uvicorn --uds {socket} shop.api:app
    listen: socket
    health: {ready: /ready}
    disable_hardening: [MemoryDenyWriteExecute, SystemCallFilter]
  worker:
    command: python -m shop.worker
    watchdog: 15
    tasks: 9
schedules:
  tidy: {command: "python -m shop.tidy", at: daily, memory: 128M, timeout: 600}
"""
TARGET = PythonPlatform("amd64", "3.11", "12")


class Project:
    """An application's folder, and what it is described as."""

    def __init__(self, root: Path) -> None:
        self.root, self.text = root, APP
        (root / "code/shop").mkdir(parents=True)
        (root / "code/shop/__init__.py").write_text("")
        (root / "secrets").mkdir(mode=0o700)
        self.secret("token", "hunter2")
        self.secret("key", "letmein")

    def secret(self, name: str, value: str) -> None:
        path = self.root / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(f"{value}\n")

    def replace(self, old: str, new: str) -> None:
        assert old in self.text
        self.text = self.text.replace(old, new)

    def app(self, **override: object) -> App:
        path = self.root / "app.yml"
        path.write_text(self.text)
        return manifest.validate(manifest.load(path), override, where="group_data")

    def built(self, **override: object) -> AppBuild:
        return build(self.app(**override), TARGET)

    def describe(self, **override: object) -> DesiredState:
        app = self.app(**override)
        return describe(app, build(app, TARGET))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # One run reads each secret and packs each tree once; a test is several runs.
    for name in ("_locked", "_packed", "_tree", "_read_build", "_from_file", "_from_command"):
        monkeypatch.setattr(app_build, name, getattr(app_build, name).__wrapped__)
    for name in ("_application", "_described"):
        monkeypatch.setattr(host, name, getattr(host, name).__wrapped__)
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project")
