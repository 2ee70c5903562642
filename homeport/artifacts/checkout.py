"""The checkout of a directory: its commit, the files that git knows, and those that differ."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from homeport.artifacts.git_command import ask_git, has_repository, refusal, run_git

_STATUS = (
    *("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"),
    *("--ignored=matching", "--ignore-submodules=none", "--", "."),
)
_SUBMODULE = "160000"


@dataclass(frozen=True)
class Checkout:
    """The state of a directory, as git has it; every path is relative to it.

    `commit` is 40 hexadecimal digits, None before the first. `files` are those that git tracks,
    with those of submodules; `changes` differ from the commit, the `untracked` among them;
    `ignored` are files and directories that .gitignore names. `unfetched` are the directories of
    submodules that aren't there, `absent` the files that a sparse checkout leaves away.
    `is_archive` is true of a tree that git made of a commit and that is no repository itself.
    """

    commit: str | None
    files: tuple[str, ...]
    changes: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unfetched: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    is_archive: bool = False


class _Tracked(NamedTuple):
    """A row of the index: tag (git-ls-files(1), -v), mode, name of the object, and path."""

    tag: str
    mode: str
    blob: str
    path: str


def checkout_of(directory: Path) -> Checkout | None:
    """Return what a directory has checked out, None if it is in no repository.

    A directory that is ignored as a whole, and has nothing that git tracks, is in none.
    Raises ``UserError`` if there is a repository and git does not answer for it: git is not
    installed, it belongs to another user, it is broken.
    """
    if not has_repository(directory):
        return None
    tracked = tuple(_index(directory))
    if not tracked and _is_ignored(directory):
        return None
    below = ask_git(directory, "rev-parse", "--show-prefix").rstrip("\n")
    # Two letters that say how it differs, a space, and the path from the top of the repository.
    lines = ask_git(directory, *_STATUS).split("\0")
    states = [(line[:2], line[3:].removeprefix(below)) for line in lines if line]
    hidden = tuple(_hidden_edits(directory, tracked))
    changes = (path for state, path in states if state != "!!")
    return Checkout(
        _head(directory),
        tuple(dict.fromkeys(_files(directory, tracked))),
        tuple(dict.fromkeys((*changes, *hidden))),
        tuple(path for state, path in states if state == "??"),
        tuple(path.rstrip("/") for state, path in states if state == "!!"),
        tuple(_unfetched(directory, tracked)),
        tuple(row.path for row in tracked if row.tag == "S" and not _is_there(directory, row)),
    )


def archive_of(tree: Path) -> Checkout:
    """Return the checkout of a directory that `git_tree` made, and that is called as its commit.

    git archive leaves an empty directory where a submodule would be, and no other is empty.
    """
    found = [(Path(folder), folders, names) for folder, folders, names in os.walk(tree)]
    links = [folder / name for folder, names, _ in found for name in names]
    files = [folder / name for folder, _, names in found for name in names]
    files += [link for link in links if link.is_symlink()]
    empty = [folder for folder, folders, names in found if not folders and not names]
    return Checkout(
        tree.name, _below(tree, files), unfetched=_below(tree, set(empty) - {tree}), is_archive=True
    )


def _below(tree: Path, paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(sorted(str(path.relative_to(tree)) for path in paths))


def _index(directory: Path) -> Iterator[_Tracked]:
    for line in ask_git(directory, "ls-files", "-z", "-v", "--stage").split("\0"):
        if line:
            facts, _, path = line.partition("\t")
            tag, mode, blob, _stage = facts.split(" ")
            yield _Tracked(tag, mode, blob, path)


def _is_ignored(directory: Path) -> bool:
    try:
        run_git("-C", str(directory), "check-ignore", "--quiet", ".")
    except subprocess.CalledProcessError as error:
        if error.returncode == 1:
            return False
        raise refusal(directory, error.stderr) from None
    return True


def _head(directory: Path) -> str | None:
    try:
        return run_git("-C", str(directory), "rev-parse", "-q", "--verify", "HEAD^{commit}").strip()
    except subprocess.CalledProcessError:
        return None  # before the first commit; `git status` complains of all else


def _is_there(directory: Path, row: _Tracked) -> bool:
    return os.path.lexists(directory / row.path)


def _files(directory: Path, tracked: Iterable[_Tracked]) -> Iterator[str]:
    for row in tracked:
        if row.mode != _SUBMODULE:
            yield row.path
        elif _is_fetched(directory / row.path):
            below = directory / row.path
            yield from (f"{row.path}/{path}" for path in _files(below, _index(below)))


def _unfetched(directory: Path, tracked: Iterable[_Tracked]) -> Iterator[str]:
    for row in tracked:
        below = directory / row.path
        if row.mode == _SUBMODULE and not _is_fetched(below):
            yield row.path
        elif row.mode == _SUBMODULE:
            yield from (f"{row.path}/{path}" for path in _unfetched(below, _index(below)))


def _is_fetched(submodule: Path) -> bool:
    return os.path.lexists(submodule / ".git")


def _hidden_edits(directory: Path, tracked: Iterable[_Tracked]) -> Iterator[str]:
    """Yield the edited files that `git status` passes over: git-update-index(1) told it so."""
    hidden = [
        row
        for row in tracked
        # One line names one file there; a name with a line break is refused by itself.
        if (row.tag == "S" or row.tag.islower())
        and not {"\n", '"'} & {*row.path}
        and (directory / row.path).is_file()
    ]
    if not hidden:
        return
    paths = "".join(f"{row.path}\n" for row in hidden)
    blobs = ask_git(directory, "hash-object", "--stdin-paths", stdin=paths).split()
    yield from (row.path for row, blob in zip(hidden, blobs, strict=True) if row.blob != blob)
