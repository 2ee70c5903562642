"""The files of a directory that go into an artifact, and those that must not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from homeport.artifacts.cache import sha256_of
from homeport.errors import UserError

NEVER = (
    *(".git", ".hg", ".svn", ".env*", ".venv", "venv", "node_modules", "__pycache__", "*.pyc"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", "*.egg-info", ".DS_Store", "*.swp"),
)

_Pattern = tuple[str, bool]  # the glob, and whether it is held against the whole path


class TreeEntry(NamedTuple):
    """A file, or a link to `link` if that isn't None.

    `path` is relative to the tree, with slashes; `mode` is 0644 or 0755 (0777 for a link);
    `digest` is the SHA-256 of the contents, and `size` their bytes.
    """

    path: str
    mode: int
    digest: str
    size: int
    link: str | None = None


def read_tree(tree: Path, exclude: Iterable[str] = ()) -> tuple[TreeEntry, ...]:
    """Return every file and link of the tree, sorted by path, without those excluded.

    A pattern (fnmatch) without a slash is matched against every name, one with a slash against
    the path from the tree: `*.log`, `docs/drafts`. Raises ``UserError``, with the file, for what
    can't be the same on a host: a link out of the tree, a device, a setuid file, a name with
    control characters or not in UTF-8; and if there is no file at all.
    """
    if not tree.is_dir():
        raise UserError("there is no such directory", fix="correct source: in app.yml", file=tree)
    patterns = tuple(_pattern(text) for text in (*NEVER, *exclude))
    entries = tuple(sorted(_walk(tree, "", patterns), key=lambda entry: entry.path.encode()))
    if not entries:
        raise UserError(
            "there are no files to deploy",
            fix="correct source: or exclude: in app.yml",
            file=tree,
        )
    included = {entry.path for entry in entries}
    for entry in entries:
        if entry.link is not None:
            _check_link(tree, entry.path, entry.link, included)
    return entries


def left_out(path: str, exclude: Iterable[str] = ()) -> bool:
    """Return whether a file of the tree, or a directory that it is in, is excluded."""
    patterns = tuple(_pattern(text) for text in (*NEVER, *exclude))
    parts = path.split("/")
    above = ("/".join(parts[: length + 1]) for length in range(len(parts)))
    return any(_matches(each, patterns) for each in above)


def _matches(path: str, patterns: Iterable[_Pattern]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(path if anchored else name, glob) for glob, anchored in patterns)


def _pattern(text: str) -> _Pattern:
    return text.strip("/"), "/" in text.rstrip("/")


def _walk(tree: Path, below: str, patterns: Sequence[_Pattern]) -> Iterator[TreeEntry]:
    try:
        names = [file.name for file in (tree / below).iterdir()]
    except OSError as error:
        raise _unreadable(tree / below, error) from None
    for name in names:
        path = f"{below}/{name}" if below else name
        if _matches(path, patterns):
            continue
        _check_name(tree / below, name)
        try:
            info = (tree / path).lstat()
        except OSError as error:
            raise _unreadable(tree / path, error) from None
        if stat.S_ISDIR(info.st_mode):
            yield from _walk(tree, path, patterns)
        else:
            yield _entry(tree / path, path, info)


def _entry(file: Path, path: str, info: os.stat_result) -> TreeEntry:
    if stat.S_ISLNK(info.st_mode):
        return TreeEntry(path, 0o777, "", 0, str(file.readlink()))
    if not stat.S_ISREG(info.st_mode):
        raise _error(file, "is a socket, a pipe or a device", "remove it")
    if info.st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise _error(file, "is setuid or setgid", f"run `chmod ug-s {file}`")
    mode = 0o755 if info.st_mode & stat.S_IXUSR else 0o644
    try:
        return TreeEntry(path, mode, sha256_of(file), info.st_size)
    except OSError as error:
        raise _unreadable(file, error) from None


def _check_name(parent: Path, name: str) -> None:
    shown = parent / name.encode("utf-8", "backslashreplace").decode()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise _error(shown, "has a name that isn't UTF-8", "rename it") from None
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        shown = parent / repr(name)[1:-1]
        raise _error(shown, "has a control character in its name", "rename it")


def _check_link(tree: Path, path: str, link: str, included: set[str]) -> None:
    # Both as written and as followed: a link that leaves and comes back only works here.
    written = os.path.normpath(os.path.join(os.path.dirname(path), link))  # noqa: PTH118, PTH120 - as text: pathlib has no normpath
    followed = os.path.relpath(os.path.realpath(tree / path), os.path.realpath(tree))
    if link.startswith("/") or any(x.split("/")[0] == ".." for x in (written, followed)):
        what = f"is a link that points outside the tree, to {link}"
        raise _error(tree / path, what, "copy the file there")
    if followed != "." and followed not in included:
        inside = f"{followed}/"
        if not any(name.startswith(inside) for name in included):
            raise _error(
                tree / path, f"is a link to {link}, which isn't deployed", "copy what it names"
            )


def _error(file: Path, what: str, fix: str) -> UserError:
    return UserError(what, fix=f"{fix}, or name it under exclude: in app.yml", file=file)


def _unreadable(file: Path, error: OSError) -> UserError:
    return _error(file, f"can't be read ({error.strerror})", "make it readable")
