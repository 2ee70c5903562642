"""The pages that are made are those that are committed; what they say of keys is all there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.description import app_build as built
from homeport.description.host_data import KEYS
from homeport.manifest.schema.json_schema import schema
from homeport.manifest.schema.key_reference import keys
from tools.docgen import overview, pages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(built, "_packed", built._packed.__wrapped__)


@pytest.mark.parametrize(("path", "make"), pages.PAGES.items(), ids=pages.PAGES)
def test_a_page_that_is_made_is_up_to_date(path: str, make: Callable[[], str]) -> None:
    assert (ROOT / path).read_text() == make(), f"{path} is out of date; run: {pages.COMMAND}"


def test_one_command_writes_all_pages_and_a_mistake_writes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
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


def test_the_command_is_in_the_makefile() -> None:
    assert (
        "\ndocs: .venv/ready\n\tpython -m tools.docgen.pages\n" in (ROOT / "Makefile").read_text()
    )


def test_every_key_of_the_schema_is_in_the_reference_once_with_its_description() -> None:
    told = keys()
    assert len({key.path for key in told}) == len(told)
    paths = {key.path: key for key in told}
    assert set(schema()["properties"]) <= set(paths)
    for part in schema()["$defs"].values():
        for name, said in part.get("properties", {}).items():
            assert any(
                key.path.rpartition(".")[2] == name and key.description == said["description"]
                for key in told
            ), name
    assert paths["processes.NAME.health.live"].needed is False
    assert paths["schedules.NAME.at"].needed is True
    assert paths["source.git"].needed is False, "a directory is a source too"
    assert paths["processes.NAME.stop_timeout"].default == 30
    assert paths["packages"].default is None


def test_every_key_of_host_data_that_is_asked_for_is_in_the_quick_reference() -> None:
    reference = (ROOT / "docs/quick-reference.md").read_text()
    table = reference.partition("## Host data")[2].partition("\n## ")[0]
    asked = {
        name
        for path in (ROOT / "deploys").glob("*.py")
        for name in re.findall(r'\bdata\.get\("(\w+)"', path.read_text())
    }
    # A document's own name is no host data.
    assert {name for name in asked if not name.startswith("_")} <= {*KEYS, "name"}
    assert {*KEYS, *overview.CONNECTION} - set(re.findall(r"`(\w+)`", table)) == set()
