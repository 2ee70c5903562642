"""What artifacts.checkout promises: what git knows of a directory, or a refusal, never less."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact, git_tree
from homeport.artifacts.checkout import archive_of, checkout_of
from homeport.errors import UserError

Git = Callable[..., str]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def shop(tmp_path: Path, git: Git) -> Path:
    root = tmp_path / "shop"
    (root / "static").mkdir(parents=True)
    (root / ".gitignore").write_text("*.css\nlocal/\n")
    (root / "wsgi.py").write_text("version = 1\n")
    (root / "static/site.js").write_text("")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    return root


def submodule(shop: Path, git: Git) -> Path:
    """Add a submodule, vendored, and return its repository."""
    other = shop.parent / "other"
    other.mkdir()
    (other / "lib.py").write_text("")
    git(other, "init", "--quiet")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "-m", "first")
    add = ("submodule", "--quiet", "add", str(other), "vendored")
    git(shop, "-c", "protocol.file.allow=always", *add)
    git(shop, "commit", "--quiet", "-m", "vendored")
    return other


def test_checkout__tracked_ignored_and_other_files_are_told_apart(shop: Path, git: Git) -> None:
    (shop / "static/built.css").touch()
    (shop / "local").mkdir()
    (shop / "local/a").touch()
    (shop / "new one").touch()
    (shop / "wsgi.py").write_text("version = 2\n")
    found = checkout_of(shop)
    assert found is not None
    assert found.commit == git(shop, "rev-parse", "HEAD")
    assert found.files == (".gitignore", "static/site.js", "wsgi.py")
    assert (found.changes, found.untracked) == (("wsgi.py", "new one"), ("new one",))
    assert found.ignored == ("local", "static/built.css")


def test_checkout__paths_are_those_of_the_directory_below_the_repository(shop: Path) -> None:
    (shop / "static/new.js").touch()
    found = checkout_of(shop / "static")
    assert found is not None
    assert (found.files, found.changes) == (("site.js",), ("new.js",))


def test_checkout__before_the_first_commit_all_is_a_change(tmp_path: Path, git: Git) -> None:
    (tmp_path / "a.py").touch()
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    found = checkout_of(tmp_path)
    assert found is not None
    assert (found.commit, found.files, found.changes) == (None, ("a.py",), ("a.py",))


def test_checkout__without_a_repository_or_ignored_as_a_whole_there_is_none(
    shop: Path, tmp_path: Path
) -> None:
    (shop / "local/deep").mkdir(parents=True)
    (shop / "local/deep/a.py").touch()
    (tmp_path / "plain").mkdir()
    assert checkout_of(tmp_path / "plain") is None
    assert checkout_of(shop / "local/deep") is None


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_checkout__an_edit_that_git_was_to_pass_over_is_a_change(
    flag: str, shop: Path, git: Git
) -> None:
    git(shop, "update-index", flag, "wsgi.py", "static/site.js")
    (shop / "wsgi.py").write_text("version = 2\n")
    found = checkout_of(shop)
    assert found is not None
    assert found.changes == ("wsgi.py",)


def test_checkout__a_sparse_checkout_names_what_it_leaves_away(shop: Path, git: Git) -> None:
    git(shop, "sparse-checkout", "set", "--no-cone", "/*.py")
    found = checkout_of(shop)
    assert found is not None
    assert (found.changes, found.absent) == ((), (".gitignore", "static/site.js"))


def test_checkout__the_files_of_a_submodule_are_tracked_and_without_them_it_is_named(
    shop: Path, git: Git
) -> None:
    submodule(shop, git)
    found = checkout_of(shop)
    assert found is not None
    assert "vendored/lib.py" in found.files
    assert (found.changes, found.unfetched) == ((), ())
    (shop / "vendored/lib.py").write_text("edited")
    found = checkout_of(shop)
    assert found is not None
    assert found.changes == ("vendored",)
    git(shop, "submodule", "--quiet", "deinit", "--force", "vendored")
    found = checkout_of(shop)
    assert found is not None
    assert found.unfetched == ("vendored",)


def test_checkout__the_tree_of_a_commit_knows_its_submodules_too(
    shop: Path, git: Git, tmp_path: Path
) -> None:
    submodule(shop, git)
    tree = git_tree(f"file://{shop}", "main", tmp_path / "cache")
    found = archive_of(tree)
    assert found.files == (".gitignore", ".gitmodules", "static/site.js", "wsgi.py")
    assert (found.commit, found.unfetched) == (tree.name, ("vendored",))


def broken_worktree(shop: Path, git: Git) -> Path:
    git(shop, "worktree", "add", "--quiet", str(shop.with_name("tree")))
    shutil.rmtree(shop / ".git")
    return shop.with_name("tree")


def empty_repository(shop: Path, git: Git) -> Path:
    shutil.rmtree(shop / ".git")
    (shop / ".git").mkdir()
    return shop


def lost_objects(shop: Path, git: Git) -> Path:
    shutil.rmtree(shop / ".git/objects")
    (shop / ".git/objects").mkdir()
    return shop


def torn_index(shop: Path, git: Git) -> Path:
    (shop / ".git/index").write_bytes(b"DIRC")
    return shop


def torn_head(shop: Path, git: Git) -> Path:
    (shop / ".git/HEAD").write_text("")
    return shop


def torn_settings(shop: Path, git: Git) -> Path:
    (shop / ".git/config").write_text("[core\n")
    return shop


BROKEN = (
    broken_worktree, empty_repository, lost_objects, torn_index, torn_head, torn_settings,
)  # fmt: skip


@pytest.mark.parametrize("spoil", BROKEN)
def test_checkout__a_repository_that_git_can_not_read_is_refused(
    spoil: Callable[[Path, Git], Path], shop: Path, git: Git, tmp_path: Path
) -> None:
    tree = spoil(shop, git)
    with pytest.raises(UserError, match=rf"{tree}: git can't read the repository here \(.+\)"):
        build_artifact(tree, cache=tmp_path / "cache")


@as_root
def test_checkout__the_repository_of_another_user_is_refused_with_its_fix(
    shop: Path, tmp_path: Path
) -> None:
    for path in (shop, *shop.rglob("*")):
        os.chown(path, 12345, 12345)
    trust = rf"git config --global --add safe\.directory {shop}"
    with pytest.raises(UserError, match=rf"git does not trust .*Fix: run `{trust}`"):
        build_artifact(shop, cache=tmp_path / "cache")


def test_checkout__without_git_a_repository_is_refused_and_a_plain_directory_is_not(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git isn't installed"):
        checkout_of(shop)
    shutil.rmtree(shop / ".git")
    assert checkout_of(shop) is None
