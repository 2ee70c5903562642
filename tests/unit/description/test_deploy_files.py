"""Each deploy file of the project stands in the table once, and each row is a file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from homeport.description.deploy_files import DEPLOY_FILES, IMPORTS

ROOT = Path(__file__).parents[3]


def test_each_module_in_deploys_is_a_deploy_file_and_the_table_has_each_once() -> None:
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "deploys").rglob("*.py")}
    there -= {"deploys/__init__.py"}
    assert sorted(row.name for row in DEPLOY_FILES) == sorted({"deploy.py", *there})
    assert [row.name for row in DEPLOY_FILES if not (ROOT / row.name).is_file()] == []


def test_imports_of_a_description_are_there_under_their_one_name() -> None:
    assert [name for name in IMPORTS if import_module(name).__name__ != name] == []
