"""What tests of several modules share: pages cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.description import app_build


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(app_build, "_packed", app_build._packed.__wrapped__)
