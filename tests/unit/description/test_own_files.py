"""What description.own_files promises: homeport's own files go by where they are, not by a name."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from homeport.artifacts import Lock
from homeport.description import app_build
from homeport.description.app_build import code_of
from homeport.description.own_files import CHECKOUT, INVENTORY, PROJECT, own_files
from tests.support.described_app import Project
from tests.support.described_hosts import here

__all__ = ["here"]

ROOT = Path(__file__).parents[3]


def shipped(project: Project) -> set[str]:
    with tarfile.open(code_of(project.app(), Lock("0", ())).path) as archive:
        return {member.name for member in archive if not member.isdir()}


def grow(project: Project, *files: str) -> None:
    for name in files:
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_text("")


@pytest.fixture
def whole(here: Project) -> Project:
    """A project that is its own source."""
    here.replace("source: code", "source: .\nexclude: [secrets]")
    grow(here, "deploy.py", "config.py", "inventories/pi.py", "group_data/all.py", "deploys/x.py")
    grow(here, "kinds/__init__.py", "tests/production/test_described.py", "builds/a.tar.gz")
    return here


def test_own_files__no_release_has_them(whole: Project) -> None:
    assert shipped(whole) == {"code/shop/__init__.py"}


def test_own_files__an_applications_own_directories_ship_whatever_they_are_called(
    whole: Project,
) -> None:
    theirs = {
        *("templates/index.html", "tests/test_shop.py", "code/inventories/a.py", "code/app.yml"),
        *("code/group_data/a.py", "code/deploy.py", "code/kinds/a.py", "code/config.py"),
        *("operations/a.py", "docs/a.md", "tools/a", "lab/a.py", "examples/a"),
    }
    grow(whole, *theirs)
    assert shipped(whole) == {"code/shop/__init__.py", *theirs}


def test_own_files__a_package_called_like_an_inventory_is_the_applications(
    whole: Project,
) -> None:
    shutil.rmtree(whole.root / "inventories")
    grow(whole, "inventories/__init__.py", "inventories/models.py")
    assert {"inventories/__init__.py", "inventories/models.py"} <= shipped(whole)


def test_own_files__what_the_application_file_names_is_left_out(whole: Project) -> None:
    grow(whole, "templates/shop.conf.j2", "templates/index.html")
    whole.text = whole.text.replace("exclude: [secrets]", "exclude: [key]")
    whole.text += "config_files: {shop.conf: {template: templates/shop.conf.j2}}\n"
    assert shipped(whole) == {"code/shop/__init__.py", "templates/index.html"}


def test_own_files__homeports_package_is_left_out_with_what_it_links_to(
    whole: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("homeport", "operations", "templates"):
        (whole.root / name).symlink_to(ROOT / name)
    assert shipped(whole) == {"code/shop/__init__.py"}
    shutil.copy(ROOT / "pyproject.toml", whole.root)
    grow(whole, "lab/a.py", "tools/a.py", "tests/unit/a.py", "tests/test_shop.py")
    assert shipped(whole) == {"code/shop/__init__.py", "tests/test_shop.py"}


def test_own_files__of_a_source_that_is_elsewhere_there_are_none(here: Project) -> None:
    assert own_files(here.app(), here.root, here.root / "code") == ()
    assert app_build.root() == here.root


def test_own_files__of_a_commit_of_this_project_are_left_out_too(here: Project) -> None:
    grow(here, "inventories/pi.py", "group_data/all.py", "deploy.py", "templates/index.html")
    (here.root / ".gitignore").write_text("secrets\n")
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=here.root, check=True)
    here.replace("source: code", f"source: {{git: 'file://{here.root}', ref: HEAD}}")
    assert shipped(here) == {".gitignore", "code/shop/__init__.py", "templates/index.html"}


def test_own_files__of_a_commit_of_another_repository_there_are_none(here: Project) -> None:
    theirs = here.root / "theirs"
    names = {"a.py", "group_data/all.py", "inventories/a.py", "deploy.py"}
    grow(here, *(f"theirs/{name}" for name in names))
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=theirs, check=True)
    here.replace("source: code", f"source: {{git: 'file://{theirs}', ref: HEAD}}")
    assert shipped(here) == names


def test_own_files__all_that_this_repository_has_is_accounted_for() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    own = {*INVENTORY, *PROJECT, *CHECKOUT, "homeport", "operations", "templates"}
    plain = {".gitignore", "README.md", "LICENSE", "SECURITY.md", "app.yml", "tests/__init__.py"}
    left = {
        name
        for name in filter(None, listed)
        if name not in plain
        and not any(name == path or name.startswith(f"{path}/") for path in own)
    }
    assert not left
