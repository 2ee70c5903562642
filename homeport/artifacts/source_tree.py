"""The files of a directory, as an artifact has them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from homeport.artifacts.contents import read_contents
from homeport.errors import UserError


class TreeEntry(NamedTuple):
    """A file, or a link to `link` if that isn't None.

    `path` is relative to the tree, with slashes; `mode` is 0644 or 0755 (0777 for a link);
    `digest` is the SHA-256 of the contents, and `size` their bytes. `is_key` is true if a private
    key stands in it, `is_pointer` if it is a pointer of Git LFS.
    """

    path: str
    mode: int
    digest: str
    size: int
    link: str | None = None
    is_key: bool = False
    is_pointer: bool = False


def read_tree(tree: Path, files: Iterable[str] | None = None) -> tuple[TreeEntry, ...]:
    """Return every file and link of the tree, or those among `files` that are there, by path.

    Raises ``UserError``, with the file, for what can't be the same on a host: a link to what isn't
    among them, a device, a setuid file, a name with control characters or not in UTF-8.
    """
    paths = walk_tree(tree) if files is None else _existing(tree, files)
    entries = tuple(
        sorted((_entry(tree, path) for path in paths), key=lambda entry: entry.path.encode())
    )
    included = {entry.path for entry in entries}
    for entry in entries:
        if entry.link is not None:
            _check_link(tree, entry.path, entry.link, included)
    return entries


def walk_tree(tree: Path, stop: Callable[[str], bool] = lambda path: False) -> Iterator[str]:
    """Yield the path of all in a tree that is no directory, and of each directory to stop at.

    No link is followed. Raises ``UserError`` for a directory that can't be read.
    """
    yield from _walk(tree, "", stop)


def _walk(tree: Path, below: str, stop: Callable[[str], bool]) -> Iterator[str]:
    try:
        with os.scandir(tree / below) as found:
            entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    except OSError as error:
        raise _unreadable(tree / below, error) from None
    for name, is_directory in entries:
        path = f"{below}/{name}" if below else name
        if is_directory and not stop(path):
            yield from _walk(tree, path, stop)
        else:
            yield path


def _existing(tree: Path, files: Iterable[str]) -> Iterator[str]:
    """Yield those that are there, and not behind a link: that would lead to other code."""

    @cache
    def is_directory(path: str) -> bool:
        above = path.rpartition("/")[0]
        is_here = (tree / path).is_dir() and not (tree / path).is_symlink()
        return is_here and (not above or is_directory(above))

    for path in files:
        above = path.rpartition("/")[0]
        if (not above or is_directory(above)) and os.path.lexists(tree / path):
            yield path


def _entry(tree: Path, path: str) -> TreeEntry:
    file = tree / path
    _check_name(tree, path)
    try:
        info = file.lstat()
        if stat.S_ISLNK(info.st_mode):
            return TreeEntry(path, 0o777, "", 0, str(file.readlink()))
        if not stat.S_ISREG(info.st_mode):
            raise _error(file, "is a socket, a pipe or a device", "remove it")
        if info.st_mode & (stat.S_ISUID | stat.S_ISGID):
            raise _error(file, "is setuid or setgid", f"run `chmod ug-s {file}`")
        mode = 0o755 if info.st_mode & stat.S_IXUSR else 0o644
        found = read_contents(file)
    except OSError as error:
        raise _unreadable(file, error) from None
    return TreeEntry(
        path, mode, found.digest, found.size, is_key=found.is_key, is_pointer=found.is_pointer
    )


def _check_name(tree: Path, name: str) -> None:
    shown = tree / name.encode("utf-8", "backslashreplace").decode()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise _error(shown, "has a name that isn't UTF-8", "rename it") from None
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        shown = tree / repr(name)[1:-1]
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
