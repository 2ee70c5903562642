"""Power that is cut between any two things that reach the disk, and disks that are full."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.system import atomic_files


class Cut(BaseException):
    """The power is gone: nothing that we would still do is done."""


class Power:
    """Counts what reaches the disk, and is cut at one step of it.

    + lost: whether what was not synced is lost; it may be or not, so both are tried
    """

    def __init__(self, at: int | None = None, lost: bool = False) -> None:
        self.at, self.lost, self.steps = at, lost, 0
        self._written: dict[Path, int] = {}
        self._renamed: list[tuple[Path, Path, bytes | None]] = []

    def write_fd(self, opened: int, content: Any) -> int:
        path = _path(opened)
        self._written.setdefault(path, os.fstat(opened).st_size)
        self._step(lambda: os.write(opened, content[: len(content) // 2]))
        return os.write(opened, content)

    def fsync(self, opened: int) -> None:
        self._step()
        path = _path(opened)
        self._written.pop(path, None)
        self._renamed = [each for each in self._renamed if each[1].parent != path]

    def replace(self, path: Path, to: Path) -> None:
        self._step()
        plain = path.is_file() and not path.is_symlink()
        before = to.read_bytes() if to.is_file() and not to.is_symlink() else None
        path.replace(to)
        if path in self._written:
            self._written[to] = self._written.pop(path)
        if plain:
            self._renamed.append((path, to, before))

    def _step(self, torn: Callable[[], object] = lambda: None) -> None:
        self.steps += 1
        if self.steps == self.at:
            torn()
            if self.lost:
                self._lose()
            raise Cut

    def _lose(self) -> None:
        for path, to, before in reversed(self._renamed):
            to.replace(path)
            if before is not None:
                to.write_bytes(before)
        for path, size in self._written.items():
            if path.is_file():
                os.truncate(path, size)


def _path(opened: int) -> Path:
    return Path(f"/proc/self/fd/{opened}").readlink()


@contextmanager
def powered(power: Power) -> Iterator[Power]:
    """Have all that reaches the disk go through this power."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("write_fd", "fsync", "replace"):
            patch.setattr(atomic_files, name, getattr(power, name))
        yield power


def cuts(work: Callable[[Path], object], fresh: Callable[[], Path]) -> Iterator[Path]:
    """Yield a fresh folder for each point at which the power can be cut while work is done."""
    root = fresh()
    with powered(Power()) as whole:
        work(root)
    assert whole.steps >= 2
    for lost in (False, True):
        for at in range(1, whole.steps + 1):
            root = fresh()
            with powered(Power(at, lost)), pytest.raises(Cut):
                work(root)
            yield root


@contextmanager
def full(room: Callable[[], bool], below: Path) -> Iterator[None]:
    """Have writing files below a folder fail for want of room, until there is some."""
    with pytest.MonkeyPatch.context() as patch:

        def put(opened: int, content: Any) -> int:
            path = _path(opened)
            if not room() and path.is_relative_to(below):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return os.write(opened, content)

        patch.setattr(atomic_files, "write_fd", put)
        yield


@contextmanager
def read_only(below: Path, but: Path) -> Iterator[None]:
    """Have a folder be on a file system that is mounted read-only, but for one folder in it."""
    refused = OSError(errno.EROFS, os.strerror(errno.EROFS))
    real_open = os.open

    def opened(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and _ours(path):
            raise refused
        return real_open(path, flags, *arguments, **named)

    def _ours(path: Any) -> bool:
        place = Path(os.fspath(path))
        return place.is_relative_to(below) and not place.is_relative_to(but)

    def guarded(name: str) -> Any:
        real = getattr(os, name)

        def call(*paths: Any, **named: Any) -> Any:
            if any(_ours(path) for path in paths if isinstance(path, str | Path)):
                raise refused
            return real(*paths, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", opened)
        names = ("mkdir", "unlink", "rmdir", "rename", "replace", "symlink", "chmod", "chown")
        for name in names:
            patch.setattr(os, name, guarded(name))
        patch.setattr(atomic_files, "replace", guarded("replace"))
        yield
