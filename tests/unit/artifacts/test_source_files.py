"""What artifacts.source_files promises: which files of a source ship, and what is left out."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Artifact, build_artifact, git_tree
from homeport.artifacts.source_files import LeftOut
from homeport.errors import UserError
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]

Git = Callable[..., str]


def names(artifact: Artifact) -> set[str]:
    with tarfile.open(artifact.path) as archive:
        return {member.name for member in archive if not member.isdir()}


def left_out(artifact: Artifact) -> dict[str, tuple[str, ...]]:
    return {reason.why: reason.paths for reason in artifact.left_out}


def grow(tree: Path, *files: str) -> None:
    for name in files:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(f"{name}\n")


def commit(tree: Path, git: Git) -> None:
    if not (tree / ".git").exists():
        git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "-m", "one")


CODE = {"shop/__init__.py", "wsgi.py"}


def test_source_files__without_git_the_tree_ships_but_for_what_tools_made(
    tree: Path, cache: Path
) -> None:
    grow(tree, "x.pyc", "shop/__pycache__/a", ".venv/a", "venv/a", "node_modules/a", ".hg/a")
    grow(tree, "shop.egg-info/a", ".DS_Store", ".wsgi.py.swp")
    artifact = build_artifact(tree, cache=cache)
    assert names(artifact) == CODE
    assert left_out(artifact) == {
        "made by tools": (
            *(".DS_Store", ".venv", ".wsgi.py.swp", "node_modules", "shop.egg-info", "venv"),
        )
    }


def test_source_files__with_git_what_it_tracks_ships_and_no_more(
    tree: Path, cache: Path, git: Git
) -> None:
    grow(tree, ".gitignore", "static/node_modules/b/b.css", "venv/bin/a", "shop/a.pyc")
    (tree / ".gitignore").write_text("*.css\nlocal/\ndeploy_key.pem\n")
    git(tree, "init", "--quiet")
    git(tree, "add", "--force", "static")
    commit(tree, git)
    grow(tree, "static/site.css", "local/pi-password", "deploy_key.pem", ".venv/a")
    (tree / "local/pi-password").chmod(0o600)
    artifact = build_artifact(tree, cache=cache)
    tracked = {".gitignore", "static/node_modules/b/b.css", "venv/bin/a"}
    assert names(artifact) == CODE | tracked
    assert left_out(artifact) == {
        "byte code": ("shop/a.pyc",),
        "ignored by git": ("deploy_key.pem", "local", "static/site.css"),
    }


def test_source_files__what_is_included_ships_also_if_git_ignores_it(
    tree: Path, cache: Path, git: Git
) -> None:
    grow(tree, ".gitignore")
    (tree / ".gitignore").write_text("*.css\n")
    commit(tree, git)
    grow(tree, "static/built.css", "static/other.css", "shop/version.py")
    artifact = build_artifact(tree, cache=cache, include=["static/built.css", "version.py"])
    assert names(artifact) == CODE | {".gitignore", "static/built.css", "shop/version.py"}
    assert (artifact.dirty, artifact.changes) == (False, ())
    assert left_out(artifact) == {"ignored by git": ("static/other.css",)}
    (tree / ".gitignore").write_text("static/\n")
    assert left_out(build_artifact(tree, cache=cache, include=["built.css", "version.py"])) == {
        "ignored by git": ("static/other.css",)
    }
    assert left_out(build_artifact(tree, cache=cache)) == {
        "ignored by git": ("static",),
        "not in git": ("shop/version.py",),
    }
    grow(tree, "node_modules/a/site.js", "node_modules/a/more.js")
    plain = build_artifact(
        tree, cache=cache, include=["node_modules/a/site.js", "*.css", "shop/v*"]
    )
    assert "node_modules/a/site.js" in names(plain)
    assert "node_modules/a/more.js" not in names(plain)


def test_source_files__an_included_file_ships_without_git_too(tree: Path, cache: Path) -> None:
    grow(tree, "node_modules/a/site.js", "node_modules/a/more.js")
    artifact = build_artifact(tree, cache=cache, include=["site.js"])
    assert names(artifact) == CODE | {"node_modules/a/site.js"}


def test_source_files__what_is_not_added_is_a_change_and_no_part_of_it(
    tree: Path, cache: Path, git: Git
) -> None:
    commit(tree, git)
    grow(tree, "shop/new.py", ".env", "__pycache__/x")
    artifact = build_artifact(tree, cache=cache)
    assert artifact.changes == ("shop/new.py",)
    assert names(artifact) == CODE
    assert left_out(artifact) == {"not in git": (".env", "shop/new.py")}
    git(tree, "add", "shop")
    added = build_artifact(tree, cache=cache)
    assert added.changes == ("shop/new.py",)
    assert "shop/new.py" in names(added)


def test_source_files__what_is_committed_is_held_to_the_same_rules(
    tree: Path, cache: Path, git: Git
) -> None:
    grow(tree, ".env")
    commit(tree, git)
    for source in (tree, git_tree(f"file://{tree}", "main", cache)):
        with pytest.raises(UserError, match=rf"{source}/\.env: holds secrets"):
            build_artifact(source, cache=cache)
        assert names(build_artifact(source, cache=cache, include=[".env"])) == CODE | {".env"}
        assert names(build_artifact(source, [".env"], cache)) == CODE


def test_source_files__a_commit_ships_whole_whatever_it_says_of_archives(
    tree: Path, cache: Path, git: Git
) -> None:
    grow(tree, "docs/a", "static/node_modules/b.css", "version.txt")
    (tree / ".gitattributes").write_text("docs export-ignore\nversion.txt export-subst\n")
    (tree / "version.txt").write_text("$Format:%H$\n")
    commit(tree, git)
    fetched = build_artifact(git_tree(f"file://{tree}", "main", cache), cache=cache)
    assert fetched == build_artifact(tree, cache=cache)
    assert {"docs/a", "static/node_modules/b.css"} <= names(fetched)


def test_source_files__what_is_excluded_is_neither_shipped_nor_a_change(
    tree: Path, cache: Path, git: Git
) -> None:
    grow(tree, "data/big.bin", "shop/data/small.json", "notes.md")
    commit(tree, git)
    grow(tree, "shop/more.md")
    (tree / "notes.md").write_text("edited")
    artifact = build_artifact(tree, ["/data", "*.md"], cache)
    assert names(artifact) == CODE | {"shop/data/small.json"}
    assert artifact.changes == ()
    assert left_out(artifact) == {"excluded": ("data", "notes.md")}


def test_source_files__a_deleted_file_is_a_change(tree: Path, cache: Path, git: Git) -> None:
    commit(tree, git)
    (tree / "wsgi.py").unlink()
    artifact = build_artifact(tree, cache=cache)
    assert (names(artifact), artifact.changes) == ({"shop/__init__.py"}, ("wsgi.py",))


def test_source_files__where_there_is_nothing_to_deploy_is_refused(
    tmp_path: Path, cache: Path, git: Git
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"there are no files to deploy\. Fix: correct"):
        build_artifact(tmp_path / "empty", cache=cache)
    git(tmp_path / "empty", "init", "--quiet")
    grow(tmp_path / "empty", "a.py")
    with pytest.raises(UserError, match=r"since git tracks none\. Fix: `git add` them"):
        build_artifact(tmp_path / "empty", cache=cache)
    with pytest.raises(UserError, match="there is no such directory"):
        build_artifact(tmp_path / "nowhere", cache=cache)


def test_source_files__a_long_list_is_cut_where_it_is_shown() -> None:
    assert str(LeftOut("ignored by git", ("a", "b"))) == "a, b (ignored by git)"
    assert str(LeftOut("excluded", (*"abcdefg",))) == "a, b, c, d, e and 2 more (excluded)"
