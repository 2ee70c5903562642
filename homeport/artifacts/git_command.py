"""git on the controller: how it is run, and what it means when it refuses to answer."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from homeport.errors import UserError

# What would have git answer for another repository than the one of the directory (a hook of git's
# sets some), or find none where there is one.
_ELSEWHERE = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
    *("GIT_PREFIX", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
)
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_TRUST = re.compile(r"--add (safe\.directory .+)")


def run_git(
    *arguments: str, environment: Mapping[str, str] | None = None, stdin: str | None = None
) -> str:
    """Return what git prints; bytes that are no UTF-8 become surrogates (PEP 383).

    Raises ``CalledProcessError`` with its stderr, and ``FileNotFoundError`` without git.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return subprocess.run(
        ["git", "-c", "maintenance.auto=false", "-c", "gc.auto=0", *arguments],
        check=True,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        input=stdin or "",
        env={**inherited, **_QUIET, **(environment or {})},
    ).stdout


def ask_git(directory: Path, *arguments: str, stdin: str | None = None) -> str:
    """Return what git says of the repository that holds the directory; raises ``UserError``."""
    try:
        return run_git("-C", str(directory), *arguments, stdin=stdin)
    except FileNotFoundError:
        what = "it is in a git repository, and git isn't installed on the controller"
        raise UserError(what, fix="install git", file=directory) from None
    except subprocess.CalledProcessError as error:
        raise refusal(directory, error.stderr) from None


def has_repository(directory: Path) -> bool:
    """Return whether there is a `.git` in the directory or above it, be it whole or broken.

    As git does, it goes up to the top of the file system (GIT_DISCOVERY_ACROSS_FILESYSTEM).
    """
    here = directory.resolve()
    device = here.stat().st_dev
    for folder in (here, *here.parents):
        if folder.stat().st_dev != device:
            return False
        if os.path.lexists(folder / ".git"):
            return True
    return False


def is_untrusted(stderr: str) -> bool:
    """Return whether git refused because another user owns the repository (safe.directory)."""
    return _TRUST.search(stderr) is not None


def refusal(directory: Path, stderr: str) -> UserError:
    """Return the error for a repository that git does not answer for."""
    if trust := _TRUST.search(stderr):
        what = "git does not trust this directory: it belongs to another user"
        fix = f"run `git config --global --add {trust[1].strip()}`, or make it your own"
        return UserError(what, fix=fix, file=directory)
    reason = " ".join(stderr.split()).removeprefix("fatal: ")
    return UserError(
        f"git can't read the repository here ({reason})",
        fix="run `git status` there, and repair what it names; or remove its .git",
        file=directory,
    )
