"""Record what a program writes to a disk, one system call at a time, and what it syncs."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.system import atomic_files
from tests.faults.disk_model import FILE, FOLDER, LINK, ROOT, Disk, Node, Recording, Step, Sync
from tests.faults.disk_model import Write as Written

VOLATILE = frozenset({"run", "proc"})
"""Folders of the host that are gone after a boot, whatever was synced."""
CALLS = frozenset(
    f"os.{name}" for name in ("rename", "remove", "rmdir", "mkdir", "link", "symlink", "truncate")
)
"""Audit events of the system calls that change names; "open" may make a file."""


class Recorder:
    """Compares a folder with what it was, whenever a program is about to change it.

    So each difference is the work of one system call. What is written while no program runs is a
    harness's: it counts as synced.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.steps = root, list[Step]()
        self._runs = self._sees = False
        self._numbers = {root.stat().st_ino: ROOT}
        self._known = Disk()
        self._observe()
        self.steps.clear()
        self.first = self._known.copied()

    @property
    def recording(self) -> Recording:
        """What was recorded."""
        return Recording(self.first, tuple(self.steps))

    @contextmanager
    def program(self) -> Iterator[None]:
        """Have what is written meanwhile be a program's."""
        self._durably()
        self._runs = True
        try:
            yield
        finally:
            self._observe()
            self._runs = False

    @property
    def position(self) -> int:
        """The number of steps so far, with what the last system call did; 0 if no program runs."""
        if not self._runs:
            return 0
        self._observe()
        return len(self.steps)

    def before(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of what the last system call did, as another one is made."""
        if not self._runs or self._sees:
            return
        if event in CALLS or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            self._observe()

    def synced(self, opened: int) -> None:
        """Take note of an fsync(2)."""
        if self._runs:
            self._observe()
            node = self._numbers.get(os.fstat(opened).st_ino)
            if node is not None:
                self.steps.append(Sync(node))

    def torn(self, opened: int, content: Any) -> int:
        """Write(2), in two parts."""
        half = len(content) // 2
        if not self._runs or not half:
            return os.write(opened, content)
        os.write(opened, content[:half])
        self._observe()
        return half + os.write(opened, content[half:])

    def _durably(self) -> None:
        before = len(self.steps)
        self._observe()
        for step in tuple(self.steps[before:]):
            if isinstance(step, Written):
                self.steps += [Sync(node) for node in step.nodes]

    def _observe(self) -> None:
        self._sees = True
        try:
            entries: list[tuple[int, str, int | None]] = []
            contents: list[tuple[int, bytes]] = []
            self._compare(ROOT, self.root, entries, contents)
        finally:
            self._sees = False
        if entries:
            self._take(Written(frozenset(each[0] for each in entries), tuple(entries)))
        for node, content in contents:
            same = _same(content, self._known.contents.get(node, b""))
            self._take(Written(frozenset({node}), content=(node, content[same:], same)))

    def _take(self, write: Written) -> None:
        self._known.take(write)
        self.steps.append(write)

    def _compare(
        self,
        number: int,
        folder: Path,
        entries: list[tuple[int, str, int | None]],
        contents: list[tuple[int, bytes]],
    ) -> None:
        before, now = self._known.names.get(number, {}), dict[str, int]()
        with os.scandir(folder) as found:
            there = [each for each in found if number != ROOT or each.name not in VOLATILE]
        for each in there:
            now[each.name] = node = self._node(each)
            if before.get(each.name) != node:
                entries.append((number, each.name, node))
        entries += [(number, name, None) for name in before if name not in now]
        for each in there:
            node = now[each.name]
            if each.is_symlink():
                continue
            if each.is_dir():
                self._compare(node, folder / each.name, entries, contents)
                continue
            content = Path(each.path).read_bytes()
            if content != self._known.contents.get(node, b""):
                contents.append((node, content))

    def _node(self, entry: os.DirEntry[str]) -> int:
        seen = entry.stat(follow_symlinks=False)
        kind = LINK if stat.S_ISLNK(seen.st_mode) else FOLDER if entry.is_dir() else FILE
        node = Node(kind, str(Path(entry.path).readlink()) if kind == LINK else "")
        number = self._numbers.get(seen.st_ino)
        # A number of a file that is gone may come again.
        if number is None or self._known.nodes[number] != node:
            number = self._numbers[seen.st_ino] = len(self._known.nodes)
            self._known.nodes[number] = node
        return number


def _same(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts have in common, from the first on."""
    pairs = zip(one, other, strict=False)
    short = min(len(one), len(other))
    return (
        short
        if one[:short] == other[:short]
        else next(i for i, (a, b) in enumerate(pairs) if a != b)
    )


_hooks: list[Callable[[str, tuple[Any, ...]], None]] = []


@cache
def _listen() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for each in _hooks:
        each(event, arguments)


@contextmanager
def recording(root: Path) -> Iterator[Recorder]:
    """Record what is written below a folder (sys.addaudithook: a hook stays, and does nothing)."""
    _listen()
    recorder = Recorder(root)
    _hooks.append(recorder.before)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(atomic_files, "fsync", recorder.synced)
            patch.setattr(atomic_files, "write_fd", recorder.torn)
            yield recorder
    finally:
        _hooks.remove(recorder.before)
