"""Code from git: the right commit, fetched once, and an honest word about edits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact, git_hooks, git_tree
from homeport.errors import UserError

Git = Callable[..., str]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "wsgi.py").write_text("version = 1\n")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    git(root, "tag", "-a", "v1.0", "-m", "first")
    (root / "wsgi.py").write_text("version = 2\n")
    git(root, "commit", "--quiet", "-am", "second")
    return root


def test_git__a_branch_a_tag_and_a_commit_are_found(
    repository: Path, cache: Path, git: Git
) -> None:
    first, second = git(repository, "rev-parse", "v1.0^{commit}", "main").split()
    for ref, commit in (("main", second), ("v1.0", first), (first, first), ("HEAD", second)):
        assert git_tree(str(repository), ref, cache) == cache / "git" / commit
    assert (cache / "git" / first / "wsgi.py").read_text() == "version = 1\n"


def test_git__a_checkout_and_its_repository_are_the_same_artifact(
    repository: Path, cache: Path, git: Git
) -> None:
    fetched = build_artifact(git_tree(str(repository), "main", cache), cache=cache)
    here = build_artifact(repository, cache=cache)
    assert fetched == here
    assert here.commit == git(repository, "rev-parse", "HEAD")
    assert not here.dirty


def test_git__a_branch_that_moves_is_followed(repository: Path, cache: Path, git: Git) -> None:
    before = git_tree(str(repository), "main", cache)
    (repository / "wsgi.py").write_text("version = 3\n")
    git(repository, "commit", "--quiet", "-am", "third")
    after = git_tree(str(repository), "main", cache)
    assert before != after
    assert (after / "wsgi.py").read_text() == "version = 3\n"


def test_git__a_commit_in_the_cache_needs_no_network(
    repository: Path, cache: Path, git: Git
) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    tree = git_tree(str(repository), commit, cache)
    repository.rename(repository.with_name("gone"))
    assert git_tree(str(repository), commit, cache) == tree


def test_git__a_repository_in_another_one_is_not_taken_for_it(
    repository: Path, cache: Path, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    git(other, "remote", "add", "origin", str(tmp_path / "nowhere"))
    monkeypatch.chdir(other)
    assert (git_tree(str(repository), "main", cache) / "wsgi.py").is_file()


def test_git__a_ref_that_does_not_exist_names_near_ones(
    repository: Path, cache: Path, git: Git
) -> None:
    git(repository, "branch", "release-2")
    with pytest.raises(UserError, match=r"no branch or tag relase-2\. Fix: .*such as release-2"):
        git_tree(str(repository), "relase-2", cache)


def test_git__a_repository_out_of_reach_is_an_error_without_its_password(cache: Path) -> None:
    with pytest.raises(UserError, match="git can't read http://localhost:1/x") as raised:
        git_tree("http://me:secret@localhost:1/x", "main", cache)
    assert "secret" not in str(raised.value)


def test_git__an_edit_that_is_not_committed_is_named(repository: Path, cache: Path) -> None:
    (repository / "wsgi.py").write_text("version = 4\n")
    (repository / "new one").touch()
    (repository / "notes.md").touch()
    artifact = build_artifact(repository, ["*.md"], cache=cache)
    assert artifact.dirty
    assert artifact.changes == ("wsgi.py", "new one")


def test_git__an_edit_of_what_is_left_out_makes_nothing_dirty(
    repository: Path, cache: Path
) -> None:
    (repository / "docs/deep").mkdir(parents=True)
    (repository / "docs/deep/notes.md").touch()
    artifact = build_artifact(repository, ["docs"], cache=cache)
    assert (artifact.dirty, artifact.changes) == (False, ())


def test_git__edits_elsewhere_in_the_repository_do_not_count(
    repository: Path, cache: Path, git: Git
) -> None:
    (repository / "backend").mkdir()
    (repository / "backend" / "app.py").touch()
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "a backend")
    (repository / "wsgi.py").write_text("version = 4\n")
    artifact = build_artifact(repository / "backend", cache=cache)
    assert not artifact.dirty
    assert artifact.commit == git(repository, "rev-parse", "HEAD")


def test_git__a_directory_that_git_ignores_has_no_commit(
    repository: Path, cache: Path, git: Git, tmp_path: Path
) -> None:
    (repository / ".gitignore").write_text("copied/\n")
    (repository / "copied").mkdir()
    (repository / "copied" / "app.py").touch()
    assert build_artifact(repository / "copied", cache=cache).commit is None
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "app.py").touch()
    assert build_artifact(tmp_path / "plain", cache=cache).commit is None


def test_git__hooks_are_where_git_itself_looks_for_them(
    repository: Path, tmp_path: Path, git: Git
) -> None:
    below = repository / "app"
    below.mkdir()
    assert git_hooks(below) == (repository, repository / ".git/hooks")
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "other"), "v1.0")
    assert git_hooks(tmp_path / "other") == (tmp_path / "other", repository / ".git/hooks")
    git(repository, "config", "core.hooksPath", "tools/hooks")
    assert git_hooks(repository)[1] == repository / "tools/hooks"


def test_git__a_directory_that_git_does_not_know_has_no_hooks(tmp_path: Path, git: Git) -> None:
    with pytest.raises(
        UserError, match=r"git_hooks: git has no work tree here .*Fix: run `git init`"
    ):
        git_hooks(tmp_path)
