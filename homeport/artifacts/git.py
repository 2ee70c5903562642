"""Code from git: a commit's tree in the cache, and what a directory's repository knows."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from homeport.artifacts.cache import cache_root, keep_tree, workspace
from homeport.artifacts.git_command import has_repository, is_untrusted, refusal, run_git
from homeport.errors import UserError

_COMMIT = re.compile(r"[0-9a-f]{40}")
# What .gitattributes leaves out of an archive, or writes anew in one, is code that was committed.
_ATTRIBUTES = "* -export-ignore -export-subst\n"
# Not "origin": the repository that one happens to be in has that, and would answer instead.
_REMOTE = "homeport-source"
_SECRET = re.compile(r"//[^/@\s]+@")


def git_tree(url: str, ref: str, cache: Path | None = None) -> Path:
    """Return the directory with the files of that branch, tag or full commit.

    The name of the directory is the commit: 40 hexadecimal digits. A commit that the cache holds
    needs no network. Raises ``UserError`` if the repository can't be reached or has no such ref;
    the error names refs that are near.
    """
    home = cache_root(cache)
    commit = ref if _COMMIT.fullmatch(ref) else _resolve(url, ref)
    tree = home / "git" / commit
    if not tree.is_dir():
        with _mirror(home, url) as mirror, workspace(home) as room:
            _fetch(mirror, url, commit)
            _unpack(mirror, commit, room)
            keep_tree(room / "tree", tree)
    return tree


def git_descends(directory: Path, commit: str, ancestor: str) -> bool | None:
    """Return whether `ancestor` is an ancestor of `commit` in the directory's repository.

    git-merge-base(1) decides. Return None if git doesn't know both, or isn't installed.
    """
    try:
        run_git("-C", str(directory), "merge-base", "--is-ancestor", ancestor, commit)
    except FileNotFoundError:
        return None
    except subprocess.CalledProcessError as error:
        return False if error.returncode == 1 else None
    return True


def git_hooks(directory: Path) -> tuple[Path, Path]:
    """Return the top of the work tree that holds the directory, and its directory of hooks.

    The directory of hooks is the one that git runs (githooks(5), core.hooksPath).
    Raises ``UserError`` if git has no work tree there.
    """
    try:
        top = run_git("-C", str(directory), "rev-parse", "--show-toplevel").rstrip("\n")
        hooks = run_git("-C", str(directory), "rev-parse", "--git-path", "hooks").rstrip("\n")
    except subprocess.CalledProcessError as error:
        if has_repository(directory):
            raise refusal(directory, error.stderr) from None
        reason = " ".join(error.stderr.split()).removeprefix("fatal: ")
        fix = "run `git init`, or remove hooks from app.yml"
        raise UserError(f"git has no work tree here ({reason})", fix=fix, key="git_hooks") from None
    return Path(top).resolve(), (directory / hooks).resolve()


def _resolve(url: str, ref: str) -> str:
    lines = [line.partition("\t") for line in _ask(url, "ls-remote", _REMOTE)]
    listed = {name: commit for commit, _, name in lines}
    for name in (f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}", f"refs/heads/{ref}", ref):
        if name in listed:
            return listed[name]
    short = {re.sub(r"^refs/(heads|tags)/|\^\{\}$", "", name) for name in listed}
    names = sorted(name for name in short if not name.startswith(("refs/", "HEAD")))
    near = get_close_matches(ref, names, n=3, cutoff=0.4) or names[:5]
    raise UserError(
        f"{_SECRET.sub('//', url)} has no branch or tag {ref}",
        fix=(f"name one that it has, such as {', '.join(near)}" if near else "push one to it")
        + ", or a commit with all of its 40 digits",
    )


@contextmanager
def _mirror(home: Path, url: str) -> Iterator[Path]:
    # One fetch at a time: git's own lock files make the second one fail instead of wait.
    mirrors = home / "mirrors"
    mirrors.mkdir(exist_ok=True)
    mirror = mirrors / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git"
    with mirror.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (mirror / "HEAD").is_file():
            run_git("init", "--quiet", "--bare", str(mirror))
        (mirror / "info").mkdir(exist_ok=True)
        (mirror / "info/attributes").write_text(_ATTRIBUTES)
        yield mirror


def _fetch(mirror: Path, url: str, commit: str) -> None:
    try:
        run_git("--git-dir", str(mirror), "cat-file", "-e", f"{commit}^{{tree}}")
    except subprocess.CalledProcessError:
        _ask(url, "fetch", "--quiet", "--depth=1", "--no-tags", _REMOTE, commit, mirror=mirror)


def _unpack(mirror: Path, commit: str, room: Path) -> None:
    archive, tree = room / "tree.tar", room / "tree"
    tree.mkdir()
    run_git("--git-dir", str(mirror), "archive", "--format=tar", f"--output={archive}", commit)
    subprocess.run(
        ["tar", "--extract", "--no-same-owner", "--file", str(archive), "--directory", str(tree)],
        check=True,
    )


def _ask(url: str, *arguments: str, mirror: Path | None = None) -> list[str]:
    """Return the lines that the remote repository answers."""
    place = ("--git-dir", str(mirror)) if mirror else ()
    # A URL may carry a password, and other users can read a command line.
    count = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    remote = {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": f"remote.{_REMOTE}.url",
        f"GIT_CONFIG_VALUE_{count}": url,
    }
    try:
        return run_git(*place, *arguments, environment=remote).splitlines()
    except FileNotFoundError:
        raise UserError("git isn't installed on the controller", fix="install git") from None
    except subprocess.CalledProcessError as error:
        if is_untrusted(error.stderr):
            raise refusal(Path(url.removeprefix("file://")), error.stderr) from None
        reason = _SECRET.sub("//", " ".join(error.stderr.split()))
        raise UserError(
            f"git can't read {_SECRET.sub('//', url)}: {reason}",
            fix="check the URL, the network and your access with `git ls-remote`",
        ) from None
