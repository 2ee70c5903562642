"""A project with a valid application file, to be spoilt in one place by each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.manifest import App, load, validate
from tests.support.valid_app import VALID, Read


@pytest.fixture
def project(tmp_path: Path) -> Path:
    source = tmp_path / "examples/pinboard"
    source.mkdir(parents=True)
    for file in ("requirements.txt", "conf.j2"):
        (source / file).touch()
    return tmp_path


@pytest.fixture
def read(project: Path) -> Read:
    """Write the text (the valid one, with one part replaced) and judge it."""

    def read(old: str = "", new: str = "", *, text: str = VALID, **override: object) -> App:
        assert old in text, f"{old!r} is not in the file"
        path = project / "app.yml"
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return validate(load(path), override or None, "group_data/pi.py")

    return read
