"""What a disk may hold after its power was cut: all that was synced, and some of what was not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

FOLDER, FILE, LINK = "folder", "file", "link"
ROOT = 0
"""The node that everything lies below."""


@dataclass(frozen=True)
class Node:
    """A file, folder or symbolic link, whatever its name is.

    + target: that of a link
    """

    kind: str
    target: str = ""


@dataclass(frozen=True)
class Write:
    """One write that a program made, which a power cut keeps or loses as a whole.

    + entries: names in folders, each with the node it names from now on, None if it is gone
    + content: a file, what it holds from some place on, and that place
    + nodes: what an fsync(2) has to be of, for the write to stay
    """

    nodes: frozenset[int]
    entries: tuple[tuple[int, str, int | None], ...] = ()
    content: tuple[int, bytes, int] | None = None


@dataclass(frozen=True)
class Sync:
    """An fsync(2) of a node."""

    node: int


Step = Write | Sync


@dataclass
class Disk:
    """What lies on a disk: names by folder, and contents by file."""

    nodes: dict[int, Node] = field(default_factory=lambda: {ROOT: Node(FOLDER)})
    names: dict[int, dict[str, int]] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)

    def copied(self) -> Disk:
        """Return one that is the same."""
        names = {folder: dict(names) for folder, names in self.names.items()}
        return Disk(self.nodes, names, dict(self.contents))

    def take(self, write: Write) -> None:
        """Have a write be on the disk."""
        for folder, name, node in write.entries:
            names = self.names.setdefault(folder, {})
            if node is None:
                names.pop(name, None)
            else:
                names[name] = node
        if write.content is not None:
            node, content, place = write.content
            before = self.contents.get(node, b"")[:place]
            # What was to be written before is lost: a file system gives zeros for it.
            self.contents[node] = before.ljust(place, b"\0") + content

    def lay(self, root: Path) -> None:
        """Make it the content of a folder, which isn't there yet."""
        self._lay(ROOT, root)

    def _lay(self, number: int, path: Path) -> None:
        node = self.nodes[number]
        if node.kind == LINK:
            path.symlink_to(node.target)
        elif node.kind == FILE:
            path.write_bytes(self.contents.get(number, b""))
        else:
            path.mkdir()
            for name, child in self.names.get(number, {}).items():
                self._lay(child, path / name)


@dataclass(frozen=True)
class Recording:
    """What lay on the disk at first, and all steps that were made since."""

    first: Disk
    steps: Sequence[Step]

    def at(self, cut: int) -> tuple[Disk, list[Write]]:
        """Return what is certainly there after so many steps, and the writes that may be, too."""
        disk, waiting = self.first.copied(), list[Write]()
        for step in self.steps[:cut]:
            if isinstance(step, Write):
                waiting.append(step)
                continue
            for write in waiting:
                if step.node in write.nodes:
                    disk.take(write)
            waiting = [write for write in waiting if step.node not in write.nodes]
        return disk, waiting


def remaining(waiting: Sequence[Write], manner: str, random: Random) -> Iterable[Write]:
    """Return the unsynced writes that reach the disk, in the order in which they do.

    + manner: all, none, or some, which are any of them in any order
    """
    if manner == "all":
        return waiting
    if manner == "none":
        return ()
    some = [_torn(write, random) for write in waiting if random.random() < 0.5]
    random.shuffle(some)
    return some


def _torn(write: Write, random: Random) -> Write:
    if write.content is None:
        return write
    node, content, place = write.content
    return Write(write.nodes, content=(node, content[: random.randint(0, len(content))], place))


def flat(disk: Disk, number: int = ROOT, path: str = "") -> Mapping[str, Node | bytes]:
    """Return what lies on a disk by path: contents of files, nodes of all others."""
    node = disk.nodes[number]
    if node.kind == FILE:
        return {path: disk.contents.get(number, b"")}
    found: dict[str, Node | bytes] = {path: node}
    for name, child in disk.names.get(number, {}).items():
        found |= flat(disk, child, f"{path}/{name}")
    return found
