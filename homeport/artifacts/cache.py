"""homeport's cache on the controller: whole files only, also while another run writes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ABANDONED_AFTER = 24 * 3600  # seconds


def cache_root(cache: Path | None = None) -> Path:
    """Return the directory of homeport's cache: `cache`, or `homeport` in the user's own cache.

    The user's own is $XDG_CACHE_HOME if that is absolute, else ~/.cache (XDG Base Directory
    Specification). The directory is made if it isn't there, with mode 0700: an application may
    be private.
    """
    if cache is None:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        cache = (named if named.is_absolute() else Path.home() / ".cache") / "homeport"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cache


@contextmanager
def workspace(cache: Path) -> Iterator[Path]:
    """Yield a new, empty directory on the cache's file system, and remove it at the end."""
    parent = cache / "tmp"
    parent.mkdir(exist_ok=True)
    _sweep(parent)
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        yield Path(directory)


def _sweep(parent: Path) -> None:
    # A killed process can't tidy up after itself; the next one does.
    for left in parent.iterdir():
        try:
            age = time.time() - left.stat().st_mtime
        except FileNotFoundError:
            continue
        if age > _ABANDONED_AFTER:
            shutil.rmtree(left, ignore_errors=True)


def keep(source: Path, destination: Path) -> None:
    """Move a finished file to its place, whole or not at all; it replaces a file there.

    Both are on one file system, and flushed to disk (fsync(2)).
    """
    _flush(source)
    destination.parent.mkdir(parents=True, exist_ok=True)
    source.replace(destination)
    _flush(destination.parent)


def keep_tree(source: Path, destination: Path) -> None:
    """Move a finished directory to its place, unless another process has put one there.

    Raises ``OSError`` if it can't be moved and there is none.
    """
    for directory, _, names in os.walk(source):
        for name in names:
            if not (file := Path(directory, name)).is_symlink():
                _flush(file)
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.rename(destination)
    except OSError:
        if not destination.is_dir():
            raise
    _flush(destination.parent)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's contents, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
