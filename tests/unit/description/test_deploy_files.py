"""Each deploy file of the project stands in the table once, and each row is a file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from homeport.description.deploy_files import DEPLOY_FILES, IMPORTS

ROOT = Path(__file__).parents[3]
NO_DEPLOY = {"__init__.py", "in_project.py"}
"""A package's own file, and what each deploy file includes."""


def test_table_has_each_deploy_file_once() -> None:
    there = {f"deploys/{path.name}" for path in (ROOT / "deploys").glob("*.py")}
    there -= {f"deploys/{name}" for name in NO_DEPLOY}
    assert sorted(row.name for row in DEPLOY_FILES) == sorted({"deploy.py", *there})
    assert [row.name for row in DEPLOY_FILES if not (ROOT / row.name).is_file()] == []


def test_imports_of_a_description_are_there_under_their_one_name() -> None:
    assert [name for name in IMPORTS if import_module(name).__name__ != name] == []
