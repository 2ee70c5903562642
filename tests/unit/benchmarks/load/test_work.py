"""What benchmarks.load.work promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.load.work import SAMPLE, TICKER, App, Work


@pytest.mark.parametrize("app", [TICKER, SAMPLE], ids=lambda app: str(app.name))
def test_work__another_release_differs_in_its_text_alone(app: App, tmp_path: Path) -> None:
    work = Work(tmp_path / "work", app)
    before = {file: file.read_text() for file in work.folder.rglob("*.py")}
    work.release("seven")
    changed = {file: file.read_text() for file in before if file.read_text() != before[file]}
    assert [file.name for file in changed] == ["__init__.py"]
    assert all('"seven"' in text for text in changed.values())


def test_work__a_release_that_dies_says_when(tmp_path: Path) -> None:
    work = Work(tmp_path / "work")
    work.release("bad", crash=1.0)
    assert "CRASH = 1.0" in (work.folder / "source/ticker/__init__.py").read_text()
    work.release("good")
    assert "CRASH = None" in (work.folder / "source/ticker/__init__.py").read_text()
