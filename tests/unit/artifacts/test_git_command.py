"""What artifacts.git_command promises: git's own answer, and never another repository's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts.git_command import ask_git, has_repository, refusal, run_git
from homeport.errors import UserError

Git = Callable[..., str]


def test_git_command__a_repository_is_found_from_below_also_if_it_is_broken(
    tmp_path: Path,
) -> None:
    (tmp_path / "shop/deep").mkdir(parents=True)
    assert not has_repository(tmp_path / "shop/deep")
    (tmp_path / ".git").symlink_to("nowhere")
    assert has_repository(tmp_path / "shop/deep")


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_CEILING_DIRECTORIES", "GIT_INDEX_FILE"])
def test_git_command__a_variable_of_git_does_not_move_the_question(
    name: str, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop").mkdir()
    git(tmp_path, "init", "-q")
    monkeypatch.setenv(name, str(tmp_path))
    assert ask_git(tmp_path / "shop", "rev-parse", "--show-prefix") == "shop/\n"


def test_git_command__without_git_a_repository_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"git isn't installed .*Fix: install git"):
        ask_git(tmp_path, "status")


def test_git_command__a_name_that_is_no_text_comes_through(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).touch()
    assert run_git("-C", str(tmp_path), "ls-files", "-z", "--others") == "caf\udce9\0"


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        (
            "fatal: detected dubious ownership in repository at '/w/a b'\nTo add an exception for "
            "this directory, call:\n\n\tgit config --global --add safe.directory '/w/a b'\n",
            r"belongs to another user\. Fix: run "
            r"`git config --global --add safe\.directory '/w/a b'`",
        ),
        ("fatal: bad object HEAD\n", r"can't read the repository here \(bad object HEAD\)\. Fix: "),
    ],
)
def test_git_command__what_git_says_becomes_a_fix(stderr: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        raise refusal(Path("/w/a b"), stderr)
