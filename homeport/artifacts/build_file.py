"""A build: an application's code and lock in one file, made apart from any deploy, to be promoted.

The same code and lock are the same bytes. A deploy of it takes the artifact that was built, to the
byte, whatever has become of the source; each architecture makes its own venv of the lock.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from homeport.artifacts.artifact import Artifact, pack_artifact
from homeport.artifacts.cache import cache_root, keep, sha256_of, workspace
from homeport.artifacts.pack import pack
from homeport.artifacts.signature import verify
from homeport.artifacts.source_tree import read_tree
from homeport.artifacts.unpacking import ALL, MOST_TEXT, Unsafe, unpack_tar
from homeport.errors import UserError

FACTS, LOCK, SOURCE = "build.json", "requirements.txt", "source"
_ID = re.compile(r"-([0-9a-f]{12,64})\.tar\.gz$")
_COMMIT = re.compile("[0-9a-f]{40}")
_DAMAGED = (
    *(OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, RecursionError),
    *(tarfile.TarError, zlib.error),
)


@dataclass(frozen=True)
class BuildFile:
    """A build: the application's name, its code, and the file of its lock, None without one."""

    name: str
    artifact: Artifact
    requirements: Path | None


def write_build(
    file: Path, name: str, artifact: Artifact, lock: str | None, cache: Path | None = None
) -> None:
    """Write a build to a file, whole or not at all.

    `lock` is the text of the lock, None if the application has none.
    Raises ``UserError`` if the file can't be written.
    """
    facts = {
        "artifact": artifact.id,
        "commit": artifact.commit,
        "dirty": artifact.dirty,
        "lock": _digest(lock),
        "name": name,
    }
    with workspace(cache_root(cache)) as room:
        source = room / "tree" / SOURCE
        source.mkdir(parents=True)
        (room / "unpacked").mkdir()
        unpack_tar(artifact.path, room / "unpacked", ALL)
        (room / "unpacked").rename(source)
        (room / "tree" / FACTS).write_text(json.dumps(facts, sort_keys=True, indent=1) + "\n")
        if lock is not None:
            (room / "tree" / LOCK).write_text(lock)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            beside = file.with_name(f".{file.name}.new")
            pack(room / "tree", read_tree(room / "tree"), beside)
            keep(beside, file)
        except OSError as error:
            what = f"it can't be written ({error.strerror})"
            raise UserError(what, fix="name another file with -o", file=file) from None


def read_build(
    file: Path, cache: Path | None = None, allowed_signers: Path | None = None
) -> BuildFile:
    """Return the contents of a build; its lock, if it has one, is a file in the cache.

    Raises ``UserError`` if there is no such file, it is no build, its code or its lock is not what
    was built, or its name has the id of another; and, with `allowed_signers`, as `verify` does.
    """
    home = cache_root(cache)
    with workspace(home) as room:
        copy, tree = room / "build.tar.gz", room / "tree"
        tree.mkdir()
        try:
            shutil.copyfile(file, copy)
        except FileNotFoundError:
            raise _error("there is no such file", file) from None
        except OSError as error:
            raise _error(f"it can't be read ({error.strerror})", file) from None
        if allowed_signers is not None:
            verify(copy, file, allowed_signers)
        try:
            unpack_tar(copy, tree, SOURCE)
            facts = _facts(tree)
            lock = (tree / LOCK).read_text() if (tree / LOCK).is_file() else None
            built = pack_artifact(tree / SOURCE, read_tree(tree / SOURCE), home)
        except Unsafe as error:
            raise _error(f"this is not an artifact: {error}", file) from None
        except (*_DAMAGED, UserError):
            raise _error("this is not an artifact", file) from None
        if built.id != facts.artifact:
            raise _error("its code is not what was built", file)
        if _digest(lock) != facts.lock:
            raise _error("its lock is not what was built", file)
        if (named := _ID.search(file.name)) and not built.id.startswith(named[1]):
            what = f"its name is that of artifact {named[1]}, and its code is {built.id[:12]}"
            raise _error(what, file)
        requirements = None
        if lock is not None:
            requirements = home / "builds" / sha256_of(copy) / LOCK
            keep(tree / LOCK, requirements)
    code = replace(built, commit=facts.commit, dirty=facts.dirty, changes=())
    return BuildFile(facts.name, code, requirements)


class _Facts(NamedTuple):
    """The facts of a build, as `build.json` has them."""

    artifact: str
    commit: str | None
    dirty: bool
    lock: str | None
    name: str


def _facts(tree: Path) -> _Facts:
    if extra := {path.name for path in tree.iterdir()} - {FACTS, LOCK, SOURCE}:
        raise Unsafe(f"it has {min(extra)!r} besides code and lock")
    for name in (FACTS, LOCK):
        if (tree / name).is_file() and (tree / name).stat().st_size > MOST_TEXT:
            raise Unsafe(f"{name} is too large")
    known = json.loads((tree / FACTS).read_text())
    facts = _Facts(*(known[name] for name in _Facts._fields))
    if facts.commit is not None and not _COMMIT.fullmatch(facts.commit):
        raise Unsafe("its commit is none")
    return facts._replace(name=str(facts.name), dirty=bool(facts.dirty))


def _digest(lock: str | None) -> str | None:
    return None if lock is None else hashlib.sha256(lock.encode()).hexdigest()


def _error(what: str, file: Path) -> UserError:
    fix = "make one with `python -m homeport.build`, or take it again from where it was made"
    return UserError(what, fix=fix, file=file)
