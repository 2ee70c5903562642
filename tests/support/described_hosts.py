"""What tests of several modules share: described hosts."""

from __future__ import annotations

import pytest

from homeport import manifest
from homeport.description import app_build, host
from tests.support.described_app import Project


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as the one that is deployed."""
    project.app()
    monkeypatch.setattr(host, "root", lambda: project.root)
    monkeypatch.setattr(app_build, "root", lambda: project.root)
    monkeypatch.setattr(host, "_loaded", manifest.load)
    return project


PI = {"architecture": "arm64", "debian": "12"}
