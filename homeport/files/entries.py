"""Files, directories and links as described, and how they differ from what a host has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from homeport.engine.kind import Because, Change, PreconditionError, Reason, Target
from homeport.engine.secret_digest import fingerprint, sha256
from homeport.hostctl.protocol import STAGE

MASK = "(a secret: not shown)"

PLAIN = re.compile(r"(/[A-Za-z0-9@:+_-][A-Za-z0-9.@:+_-]*|/\.[A-Za-z0-9@:+_-][A-Za-z0-9.@:+_-]*)+")
"""A path that needs no quoting anywhere and has no ``..`` in it."""

MODE = re.compile("[1-7][0-7]{2,3}")
"""A mode as ``find`` prints it: one written otherwise would never be found."""

OWNER = re.compile(r"[a-z_][a-z0-9_.-]{0,31}\$?")
"""The name of a user or a group (useradd(8)): one of more than letters needs quoting somewhere."""


@dataclass(frozen=True)
class PathEntry:
    """An entry: an absolute path of plain characters."""

    path: str

    def __post_init__(self) -> None:
        if not PLAIN.fullmatch(self.path):
            raise PreconditionError(
                f"{self.path!r} is not an absolute path of letters, digits and .@:+_-"
            )
        if isinstance(self, File | Directory) and not MODE.fullmatch(self.mode):
            raise PreconditionError(f"{self.path}: {self.mode!r} is not a mode such as 644 or 2750")
        if isinstance(self, File | Directory):
            for name in (self.owner, self.group):
                if not OWNER.fullmatch(name):
                    raise PreconditionError(
                        f"{self.path}: {name!r} is not the name of a user or a group"
                    )


@dataclass(frozen=True)
class File(PathEntry):
    """A file that the host should have, to the byte.

    ``check`` is a command line with ``{}`` where the staged file's path goes; it must succeed
    before anything is renamed into place.
    """

    content: bytes = field(repr=False)
    mode: str = "644"
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    check: str | None = None


@dataclass(frozen=True)
class Directory(PathEntry):
    """A directory that the host should have. Its contents are not managed."""

    mode: str = "755"
    owner: str = "root"
    group: str = "root"


@dataclass(frozen=True)
class Link(PathEntry):
    """A symbolic link that the host should have."""

    target: str


@dataclass(frozen=True)
class Absent(PathEntry):
    """A path that the host should not have: a file or a link, or a directory if it is empty."""


@dataclass(frozen=True)
class StaleStaging(PathEntry):
    """A staging directory of ours that a deploy left behind when it was cut off."""


Entry = File | Directory | Link | Absent


class Why(Reason):
    """The reasons why an entry is to be changed."""

    NEW = "new {}, {} {}:{}"
    NEW_LINK = "new link to {}"
    TYPE = "is a {}, content replaced"
    CONTENT = "content differs"
    LINK = "pointed to {}, not {}"
    MODE = "mode {}, not {}"
    OWNER = "owner {}:{}, not {}:{}"
    ABSENT = "described as absent"
    LEAVING = "no longer described"


TYPES = {"f": "file", "d": "directory", "l": "link"}


@dataclass(frozen=True)
class FileState:
    """The file at a path: its type (``f``, ``d``, ``l``), its owner, and what tells its content.

    ``digest`` is a SHA-256, or a fingerprint of it where the content is a secret; ``body`` the
    content, fetched only where it differs from what is wanted and may be shown.
    """

    type: str
    mode: str = ""
    owner: str = ""
    group: str = ""
    target: str = ""
    digest: str = ""
    body: bytes | None = field(default=None, repr=False, compare=False)


def stage(path: str) -> str:
    """Return the directory in which the file of this path is staged."""
    return f"{path.rpartition('/')[0]}/{STAGE}"


def diff(
    kind: str, desired: Iterable[Entry], actual: Mapping[str, FileState], key: str
) -> list[Change[PathEntry]]:
    """Return the changes of a kind that lead from what is there to what is wanted.

    Raises ``PreconditionError`` where a directory stands in the place of a file, or the other way
    round: nothing is ever deleted wholesale to make room.
    """
    described: set[str] = set()
    changes = []
    for entry in desired:
        if entry.path in described:
            raise PreconditionError(f"{entry.path} is described twice")
        described.add(entry.path)
        changes.append(_compare(kind, entry, actual.get(entry.path), key))
    return [change for change in changes if change is not None]


def leaving(
    kind: str, ledger: Sequence[str], desired: Iterable[Entry], actual: Mapping[str, FileState]
) -> list[Change[PathEntry]]:
    """Return a kind's removals of what homeport put there and is no longer described."""
    described = {entry.path for entry in desired}
    return [
        Change("remove", Target(kind, path), (Why.LEAVING(),), Absent(path))
        for path in sorted(set(ledger) - described, reverse=True)
        if path in actual
    ]


def _compare(kind: str, entry: Entry, seen: FileState | None, key: str) -> Change[PathEntry] | None:
    target = Target(kind, entry.path)
    if isinstance(entry, Absent):
        if seen is None:
            return None
        return Change("remove", target, (Why.ABSENT(),), entry)
    if seen is None:
        return Change("add", target, (_birth(entry),), entry, _text_diff(entry, b""))
    if (seen.type == "d") != isinstance(entry, Directory):
        noun = TYPES.get(seen.type, "special file")
        raise PreconditionError(
            f"{entry.path} is a {noun} on the host; move it away, then deploy again"
        )
    reasons = _reasons(entry, seen, key)
    if not reasons:
        return None
    before = seen.body if seen.type == "f" else b""
    differs = any(because.reason in (Why.CONTENT, Why.TYPE) for because in reasons)
    shown = _text_diff(entry, before) if differs else ()
    return Change("change", target, tuple(reasons), entry, shown)


def _birth(entry: File | Directory | Link) -> Because:
    if isinstance(entry, Link):
        return Why.NEW_LINK(entry.target)
    noun = "directory" if isinstance(entry, Directory) else "file"
    return Why.NEW(noun, entry.mode, entry.owner, entry.group)


def _reasons(entry: File | Directory | Link, seen: FileState, key: str) -> list[Because]:
    wanted_type = {File: "f", Directory: "d", Link: "l"}[type(entry)]
    if seen.type != wanted_type:
        return [Why.TYPE(TYPES.get(seen.type, "special file"))]
    if isinstance(entry, Link):
        return [] if seen.target == entry.target else [Why.LINK(seen.target, entry.target)]
    reasons = []
    if isinstance(entry, File) and seen.digest != expected_digest(entry, key):
        reasons.append(Why.CONTENT())
    if seen.mode != entry.mode:
        reasons.append(Why.MODE(seen.mode, entry.mode))
    if (seen.owner, seen.group) != (entry.owner, entry.group):
        reasons.append(Why.OWNER(seen.owner, seen.group, entry.owner, entry.group))
    return reasons


def expected_digest(entry: File, key: str) -> str:
    """Return what a probe should say of a file's content: its hash, or a secret's fingerprint."""
    digest = sha256(entry.content)
    return fingerprint(key, digest) if entry.secret else digest


def _text_diff(entry: Entry, before: bytes | None) -> tuple[str, ...]:
    if not isinstance(entry, File):
        return ()
    if entry.secret:
        return (MASK,)
    try:
        old = (before if before is not None else b"").decode().splitlines()
        new = entry.content.decode().splitlines()
    except UnicodeDecodeError:
        return (f"(binary, {len(entry.content)} bytes)",)
    if before is None:
        return (f"({len(new)} lines; the old content is too large, or a secret)",)
    if old == new and before != entry.content:
        return ("(only line ends differ)",)
    return tuple(list(difflib.unified_diff(old, new, "on the host", "described", lineterm=""))[2:])
