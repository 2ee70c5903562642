"""Tests lie as the source lies: a module's are where its path says, and none tests what is gone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests/unit"
SOURCES = ("homeport", "operations", "tools/audit", "tools/docgen")
"""What each module of which has its tests."""

EXCEPTIONS = {
    "homeport/engine/probe_cache.py": "engine/test_run.py",
    "homeport/hostctl/serving/finding.py": "hostctl/slots/test_health_gates.py",
    "homeport/hostctl/transaction/deadman_unit.py": "hostctl/verbs/test_begin.py",
    "homeport/hostctl/verbs/context.py": "hostctl/verbs/test_admin.py",
    "homeport/openssh/limits.py": "openssh/test_process.py",
    "homeport/pyinfra_adapter/run_state.py": "engine/test_run.py",
    "operations/__init__.py": "scenarios/test_whole_deploy.py",
    "operations/bootstrap/__init__.py": "scenarios/test_whole_deploy.py",
    "operations/files.py": "scenarios/test_whole_deploy.py",
    "operations/hostctl/resources.py": "operations/hostctl/test_kind.py",
    "operations/platform/resources.py": "operations/platform/test_kind.py",
    "operations/users/resources.py": "operations/users/test_kind.py",
    "operations/venvs/drift_files.py": "operations/venvs/test_drift.py",
    "operations/venvs/drift_top_level.py": "operations/venvs/test_drift.py",
}
"""Modules without tests of their own, and the file whose tests fail with them."""

BESIDE = {
    "docs": "pages, which are no modules",
    "examples": "the sample application, which is a project of its own",
    "scenarios": "what only several modules together promise",
    "templates": "programs of a host and of a laptop, which are no modules",
    "test_docstrings.py": "the docstrings of all modules together",
    "test_mirror.py": "this file",
    "test_molecule.py": "scenarios of another tool",
    "test_structure.py": "what holds of all modules together",
    "test_vocabulary.py": "the words of all modules, keys, pages and messages",
}
"""Tests that mirror no module, and what they are about."""


def sources() -> list[str]:
    """Return every module that holds more than a docstring and what it hands on."""
    return sorted(
        str(path.relative_to(ROOT))
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*.py")
        if _has_code(path)
    )


def _has_code(path: Path) -> bool:
    imports = (ast.Import, ast.ImportFrom, ast.Expr)
    body = ast.parse(path.read_text()).body
    names = [
        node for node in body if not isinstance(node, imports) and "__all__" not in ast.dump(node)
    ]
    return bool(names)


def mirrored(source: str) -> str:
    """Return the path of a module's tests, without what tells one aspect from another."""
    path = Path(source.removeprefix("homeport/"))
    return str(path.with_name(f"test_{path.stem.strip('_')}.py"))


def files_of_tests() -> list[str]:
    """Return every file of tests whose place is that of a module."""
    found = [str(path.relative_to(TESTS)) for path in TESTS.rglob("test_*.py")]
    return sorted(name for name in found if name.partition("/")[0] not in BESIDE)


@pytest.mark.parametrize("source", sources())
def test_module_has_its_tests_at_its_own_path(source: str) -> None:
    place = TESTS / mirrored(source)
    if source in EXCEPTIONS:
        assert not place.exists(), f"{source} is no exception any more"
        assert (TESTS / EXCEPTIONS[source]).exists()
    else:
        aspects = list(place.parent.glob(f"{place.stem}__*.py"))
        assert place.exists() or aspects, f"no tests/unit/{mirrored(source)}"


@pytest.mark.parametrize("name", files_of_tests())
def test_file_of_tests_is_of_a_module_that_is_there(name: str) -> None:
    path = Path(name)
    stem = path.stem.removeprefix("test_").partition("__")[0]
    homes = (ROOT / "homeport", ROOT, ROOT / "tests")
    files = (f"{stem}.py", f"__{stem}__.py", f"{stem}/__init__.py")
    assert any((home / path.parent / file).exists() for home in homes for file in files)


def test_exception_is_of_a_module_that_is_there() -> None:
    assert EXCEPTIONS.keys() <= set(sources())
    assert all((TESTS / name).exists() for name in BESIDE)


def test_helper_has_a_name_of_its_own_and_lies_in_the_folder_of_helpers() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "production" not in path.parts]
    helpers = [path for path in tests if not path.name.startswith(("test_", "conftest", "__"))]
    supporting = {path.stem for path in helpers if path.parent.name == "support"}
    others = {path.stem for path in helpers if path.parent.name != "support"}
    assert not supporting & others
    assert [path for path in helpers if path.is_relative_to(TESTS)] == []
