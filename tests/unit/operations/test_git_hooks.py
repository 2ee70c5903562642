"""Hooks of git: ours are kept as described, and nobody else's is ever touched."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from homeport.engine.kind import (
    Change,
    DesiredState,
    PreconditionError,
    ProbeOutput,
    SnapshotContext,
)
from homeport.operations import git_hooks
from homeport.operations.git_hooks import GitHook, mark
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked

ME = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
THEIRS = "#!/bin/sh\nexec something else\n"


def unread(path: Path) -> tuple[int, ...]:
    """Return what stat(2) tells of a file but for the time when it was read."""
    found = path.lstat()
    return (*found[:7], found.st_mtime_ns, found.st_ctime_ns)


class Tree:
    """A work tree with hooks, and the project's folder in which the ledger is."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "git/hooks"
        self.snapshot_context = SnapshotContext(*ME, str(root / "local/homeport"))

    def text(self, command: str) -> str:
        return f"#!/bin/sh\n{mark('shop')} whatever\nexec {command}\n"

    def describe(self, **commands: str) -> DesiredState:
        found = [
            GitHook(f"{self.folder}/{name.replace('_', '-')}", self.text(command), *ME)
            for name, command in commands.items()
        ]
        return DesiredState("shop", tuple(found), self.snapshot_context)

    def plan(self, description: DesiredState) -> tuple[git_hooks.GitHooksState, list[Change]]:
        found = git_hooks.parse(ProbeOutput(checked(git_hooks.probe(description, "key")), "key"))
        return found, git_hooks.diff(description, found)

    def deploy(self, description: DesiredState) -> list[tuple[str, str]]:
        found, changes = self.plan(description)
        for command in git_hooks.apply(description, found, changes) if changes else ():
            done = run_command(command)
            assert (done.returncode, done.stderr) == (0, "")
        assert self.plan(description)[1] == []
        return [(change.action, Path(change.target.name).name) for change in changes]

    def path(self, name: str) -> Path:
        return self.folder / name


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_hook_is_put_where_there_was_not_even_a_directory(tree: Tree) -> None:
    assert tree.deploy(tree.describe(pre_commit="true")) == [
        ("add", "pre-commit"),
        ("add", "git-hooks"),
    ]
    assert tree.path("pre-commit").stat().st_mode & 0o777 == 0o755
    assert tree.deploy(tree.describe(pre_commit="true")) == []


def test_hook_that_was_edited_is_put_back(tree: Tree) -> None:
    tree.deploy(tree.describe(pre_commit="true"))
    tree.path("pre-commit").write_text(tree.text("false"))
    tree.path("pre-commit").chmod(0o644)
    assert tree.deploy(tree.describe(pre_commit="true")) == [("change", "pre-commit")]
    assert tree.path("pre-commit").read_text() == tree.text("true")


def test_hook_that_leaves_app_yml_leaves_git(tree: Tree) -> None:
    tree.deploy(tree.describe(pre_commit="true", pre_push="true"))
    assert tree.deploy(tree.describe(pre_push="true")) == [
        ("remove", "pre-commit"),
        ("change", "git-hooks"),
    ]
    assert [path.name for path in tree.folder.iterdir()] == ["pre-push"]
    tree.deploy(tree.describe())
    assert list(tree.folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link", "dangling", "of another application"])
def test_hook_of_somebody_else_is_never_overwritten(kind: str, tree: Tree) -> None:
    tree.folder.mkdir(parents=True)
    mine = tree.path("pre-commit")
    (tree.folder / "tool").write_text(tree.text("true"))
    match kind:
        case "file":
            mine.write_text(THEIRS)
        case "link":
            mine.symlink_to("tool")
        case "dangling":
            mine.symlink_to("nowhere")
        case _:
            mine.write_text(tree.text("true").replace("shop", "shopping"))
    before = unread(mine)
    with pytest.raises(
        PreconditionError, match=f"{mine} is there, and homeport didn't write it; .* remove"
    ):
        tree.plan(tree.describe(pre_commit="true"))
    assert unread(mine) == before


def test_hook_that_somebody_put_over_ours_is_theirs(tree: Tree) -> None:
    tree.deploy(tree.describe(pre_commit="true"))
    tree.path("pre-commit").write_text(THEIRS)
    with pytest.raises(PreconditionError, match="homeport didn't write it"):
        tree.plan(tree.describe(pre_commit="true"))
    # It stays as well when the description no longer wants a hook there; only we forget it.
    assert tree.deploy(tree.describe()) == [("change", "git-hooks")]
    assert tree.path("pre-commit").read_text() == THEIRS


def test_git_hooks__what_lies_beside_is_nobodys_business(tree: Tree) -> None:
    tree.folder.mkdir(parents=True)
    tree.path("pre-push").write_text(THEIRS)
    tree.deploy(tree.describe(pre_commit="true"))
    tree.deploy(tree.describe())
    assert [path.name for path in tree.folder.iterdir()] == ["pre-push"]


def test_hook_of_ours_is_known_again_when_the_ledger_is_gone(tree: Tree) -> None:
    tree.deploy(tree.describe(pre_commit="true"))
    (Path(str(tree.snapshot_context.ledgers)) / "git-hooks").unlink()
    assert tree.deploy(tree.describe(pre_commit="false")) == [
        ("change", "pre-commit"),
        ("add", "git-hooks"),
    ]
