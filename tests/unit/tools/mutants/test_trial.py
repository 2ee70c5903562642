import subprocess
from itertools import chain
from pathlib import Path

import pytest

from tools.mutants.mutant import Mutant, StaleRowError
from tools.mutants.trial import AREAS, Copy, TrialError, area_tests, own_tests

CODE = """\
def price(count):
    total = count * 3
    if total > 100:
        total -= 10
    return total


def greeting(name):
    return "Hello " + name


def wait():
    busy = False
    while busy:
        pass
"""
OWN = """\
from homeport.shop import price, wait


def test_price():
    assert price(2) == 6
    wait()
"""
OTHER = """\
from homeport.shop import greeting


def test_greeting():
    assert greeting("Eve").endswith("Eve")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one module, with tests of its own, and another test."""
    files = {
        "homeport/shop.py": CODE,
        "tests/unit/test_shop.py": OWN,
        "tests/unit/engine/test_greeting.py": OTHER,
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
        ".gitignore": "secrets/\n",
        "secrets/token": "secret",
    }
    for folder in chain(*AREAS):
        files[f"tests/unit/{folder}/conftest.py"] = '"""Tests of an area."""\n'
    root = tmp_path / "root"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "link").symlink_to("homeport")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


@pytest.fixture
def copy(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    # To start workers takes longer than these few tests.
    monkeypatch.setattr("tools.mutants.trial.WORKERS", ())
    return Copy(root, tmp_path / "copy")


def test_own_tests_are_those_at_the_path_of_the_module_with_all_their_aspects(root: Path) -> None:
    for name in ("hostctl/test_begin.py", "hostctl/test_begin__held.py", "hostctl/test_begins.py"):
        (root / "tests/unit" / name).parent.mkdir(exist_ok=True)
        (root / "tests/unit" / name).touch()
    assert own_tests(root, "homeport/hostctl/begin.py") == [
        "tests/unit/hostctl/test_begin.py",
        "tests/unit/hostctl/test_begin__held.py",
    ]
    assert own_tests(root, "homeport/hostctl/none.py") == []


def test_area_is_the_program_on_the_host_or_all_that_deploys_to_one() -> None:
    assert area_tests("homeport/hostctl/verbs/begin.py") == ["tests/unit/hostctl"]
    assert "tests/unit/engine" in area_tests("homeport/files/install.py")
    assert "tests/unit/hostctl" not in area_tests("homeport/files/install.py")


def test_copy_has_what_is_or_could_be_committed_and_is_at_a_commit(root: Path, copy: Copy) -> None:
    assert (copy.folder / "homeport/shop.py").read_text() == CODE
    assert (copy.folder / "link").readlink() == Path("homeport")
    assert not (copy.folder / "secrets").exists()
    requested = ["git", "status", "--porcelain"]
    assert subprocess.run(requested, cwd=copy.folder, check=True, capture_output=True).stdout == b""


@pytest.mark.parametrize(
    ("function", "before", "after", "expected"),
    [
        ("price", "count * 3", "count * 4", "own"),
        ("greeting", "'Hello ' + name", "name + 'Hello '", "area"),
        ("greeting", "'Hello ' + name", "'Bye ' + name", ""),
    ],
)
def test_fault_is_found_by_its_own_tests_or_by_others_or_by_none(
    copy: Copy, function: str, before: str, after: str, expected: str
) -> None:
    assert copy.finds(Mutant("homeport/shop.py", function, before, after)) == expected
    # The next one is tried alone.
    assert (copy.folder / "homeport/shop.py").read_text() == CODE


def test_area_that_fails_without_a_fault_finds_none(copy: Copy) -> None:
    (copy.folder / "tests/unit/engine/test_broken.py").write_text("raise ValueError\n")
    with pytest.raises(TrialError, match="the tests fail without any mutant: pytest tests/unit/"):
        copy.finds(Mutant("homeport/shop.py", "greeting", "'Hello ' + name", "'Bye ' + name"))
    assert (copy.folder / "homeport/shop.py").read_text() == CODE


def test_fault_that_never_ends_is_found(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.mutants.trial.OWN_LIMIT", 3)
    assert copy.finds(Mutant("homeport/shop.py", "wait", "busy = False", "busy = True")) == "own"


@pytest.mark.parametrize("file", ["homeport/shop.py", "homeport/gone.py"])
def test_row_that_does_not_apply_leaves_the_copy_as_it_was(copy: Copy, file: str) -> None:
    with pytest.raises(StaleRowError):
        copy.finds(Mutant(file, "price", "count * 5", "count"))
    assert (copy.folder / "homeport/shop.py").read_text() == CODE
    assert not (copy.folder / "homeport/gone.py").exists()


def test_tests_that_cannot_be_run_say_so_and_count_as_nothing(copy: Copy) -> None:
    with pytest.raises(TrialError, match="pytest ended with 4:"):
        copy.passes(["tests/unit/test_none.py"], 30)
