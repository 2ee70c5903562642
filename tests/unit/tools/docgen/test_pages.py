"""The pages that are made are those that are committed; what they say of keys is all there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.description.host_keys import KEYS
from tests.support.pages_cache import _cache
from tools.docgen import overview, pages

__all__ = ["_cache"]


ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(("path", "make"), pages.PAGES.items(), ids=pages.PAGES)
def test_page_that_is_made_is_up_to_date(path: str, make: Callable[[], str]) -> None:
    assert (ROOT / path).read_text() == make(), f"{path} is out of date; run: {pages.COMMAND}"


def test_pages__one_command_writes_all_pages_and_an_error_writes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    for path in ("docs/security.md", "docs/reliability.md"):
        (tmp_path / path).write_text((ROOT / path).read_text())
    stale = (ROOT / "docs/quick-reference.md").read_text().replace("`name`", "`nme`")
    (tmp_path / "docs/quick-reference.md").write_text(stale)
    monkeypatch.setattr(pages, "root", lambda: tmp_path)
    assert pages.main() == 0
    for path in pages.PAGES:
        assert (tmp_path / path).read_text() == (ROOT / path).read_text()

    (tmp_path / "docs/quick-reference.md").write_text(stale)
    monkeypatch.setattr(pages, "INVENTORY", "nowhere.py")
    assert pages.main() == 1
    assert (tmp_path / "docs/quick-reference.md").read_text() == stale
    assert capsys.readouterr().err.startswith("nowhere.py: ")


def test_pages__the_command_is_in_the_makefile() -> None:
    assert (
        "\ndocs: .venv/ready\n\tpython -m tools.docgen.pages\n" in (ROOT / "Makefile").read_text()
    )


def test_pages__every_key_of_host_data_that_is_asked_for_is_in_the_quick_reference() -> None:
    reference = (ROOT / "docs/quick-reference.md").read_text()
    table = reference.partition("## Host data")[2].partition("\n## ")[0]
    keys = {
        name
        for path in (ROOT / "deploys").glob("*.py")
        for name in re.findall(r'\bdata\.get\("(\w+)"', path.read_text())
    }
    # A document's own name is no host data.
    assert {name for name in keys if not name.startswith("_")} <= {*KEYS, "name"}
    assert {*KEYS, *overview.CONNECTION} - set(re.findall(r"`(\w+)`", table)) == set()
