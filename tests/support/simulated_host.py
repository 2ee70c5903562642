"""A host as a plain mapping: what an honest look would tell, and what a change does to it.

Nothing here is taken from the code under test but its words (``File``, ``Change``, ``FileState``):
the digests are worked out anew, and a change is carried out by what it wants, not by what it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from homeport.engine.kind import Change
from homeport.files.entries import Absent, Directory, Entry, File, FileState, Link, StaleStaging
from homeport.files.managed_set import ManagedSetState
from homeport.hostctl.protocol import VERSION_LINE

STAGE = ".homeport-stage"
OWNERS = ("root", "daemon", "mail")
"""Of Debian: both users and groups."""


@dataclass(frozen=True)
class Node:
    """What is at one path."""

    type: str
    mode: str = "755"
    owner: str = "root"
    group: str = "root"
    target: str = ""
    content: bytes = b""


World = dict[str, Node]


def parent(path: str) -> str:
    return path.rpartition("/")[0]


def below(world: World, path: str) -> list[str]:
    return [other for other in world if other.startswith(f"{path}/")]


def probe(world: World, entries: Sequence[Entry], ledger: str, key: str) -> ManagedSetState:
    """What a probe that tells the truth would have us know, and more: all that there is."""
    listed = world[ledger].content.decode().splitlines()[1:] if ledger in world else []
    secrets = {entry.path for entry in entries if isinstance(entry, File) and entry.secret}
    shown = {entry.path for entry in entries if isinstance(entry, File)} - secrets
    seen = {}
    for path in world:
        node = world[path]
        digest = body = None
        if node.type == "f" and path in shown | secrets:
            digest = hashlib.sha256(node.content).hexdigest()
            body = node.content if path in shown else None
            if path in secrets:
                digest = hashlib.sha256(f"{key}{digest}".encode()).hexdigest()
        seen[path] = FileState(
            node.type, node.mode, node.owner, node.group, node.target, digest or "", body
        )
    places = {parent(path) for path in (*listed, *(entry.path for entry in entries), ledger)}
    left = sorted(f"{place}/{STAGE}" for place in places if f"{place}/{STAGE}" in world)
    return ManagedSetState(seen, tuple(listed), tuple(left), key)


def apply(world: World, changes: Iterable[Change]) -> World:
    """The world after these changes, each carried out as a person would read it."""
    after = dict(world)
    for change in changes:
        assert change.target.name == change.payload.path
        match change.payload:
            case StaleStaging(path):
                for gone in [path, *below(after, path)]:
                    del after[gone]
            case Absent(path):
                if after[path].type != "d" or not below(after, path):
                    del after[path]
            case File(path) as file:
                assert path not in after or after[path].type != "d"
                after[path] = Node("f", file.mode, file.owner, file.group, content=file.content)
            case Directory(path) as folder:
                after[path] = Node("d", folder.mode, folder.owner, folder.group)
            case Link(path, target):
                assert path not in after or after[path].type != "d"
                after[path] = Node("l", "777", target=target)
            case other:
                raise AssertionError(f"a change wants {other!r}")
    return after


# What a host may have, and what may be described: few paths, so that the two often meet.
FOLDERS = ("/base/one", "/base/one/two", "/base/three")
NAMES = ("a", "b", ".c")
LEAVES = tuple(f"{folder}/{name}" for folder in ("/base", *FOLDERS) for name in NAMES)

contents = st.sampled_from([b"", b"one\n", b"one\ntwo\n", b"no end", b"\xff\x00\n"])
modes = st.sampled_from(["600", "640", "644", "755"])
owners = st.sampled_from(OWNERS)
targets = st.sampled_from(["gone", "../b", "/base/one"])


@st.composite
def descriptions(draw: st.DrawFn) -> list[Entry]:
    """Entries that don't contradict each other: what is in a directory is described with it."""
    entries: list[Entry] = []
    folders = ["/base"]
    for folder in FOLDERS:
        if parent(folder) in folders and draw(st.booleans()):
            folders.append(folder)
            entries.append(Directory(folder, draw(modes), "root", draw(owners)))
    for path in LEAVES:
        if parent(path) not in folders:
            continue
        kind = draw(st.sampled_from(["", "", "file", "secret", "link", "absent"]))
        if kind in ("file", "secret"):
            fields = (draw(contents), draw(modes), draw(owners), draw(owners), kind == "secret")
            entries.append(File(path, *fields))
        elif kind == "link":
            entries.append(Link(path, draw(targets)))
        elif kind == "absent":
            entries.append(Absent(path))
    return draw(st.permutations(entries)) if draw(st.booleans()) else entries


@st.composite
def worlds(draw: st.DrawFn, ledger: str) -> World:
    """A host with anything in it, a ledger that names some of that, and what a crash left."""
    world: World = {"/base": Node("d")}
    for folder in FOLDERS:
        if parent(folder) in world and draw(st.booleans()):
            world[folder] = Node("d", draw(modes), "root", draw(owners))
    for path in LEAVES:
        if parent(path) not in world:
            continue
        kind = draw(st.sampled_from(["", "", "f", "f", "l", "p"]))
        if kind == "f":
            node = Node("f", draw(modes), draw(owners), draw(owners), content=draw(contents))
            world[path] = node
        elif kind == "l":
            world[path] = Node("l", "777", target=draw(targets))
        elif kind == "p":
            world[path] = Node("p", draw(modes))
    for place in [path for path in world if world[path].type == "d"]:
        if draw(st.sampled_from([False, False, True])):
            world[f"{place}/{STAGE}"] = Node("d", "700")
            world[f"{place}/{STAGE}/a"] = Node("f", "600", content=b"half a fi")
    listed = sorted(draw(st.sets(st.sampled_from([*FOLDERS, *LEAVES]))))
    if listed:
        content = "".join(f"{line}\n" for line in (VERSION_LINE, *listed)).encode()
        world[ledger] = Node("f", "600", content=content)
    return world
