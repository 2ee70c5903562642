"""A build: an application's code and lock in one file, made apart from any deploy, to be promoted.

The same code and lock are the same bytes. A deploy of it takes the artifact that was built, to the
byte, whatever has become of the source; each architecture makes its own venv of the lock.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from homeport.artifacts.artifact import Artifact, pack_artifact
from homeport.artifacts.cache import cache_root, keep, sha256_of, workspace
from homeport.artifacts.pack import pack
from homeport.artifacts.source_tree import read_tree
from homeport.errors import UserError

FACTS, LOCK, SOURCE = "build.json", "requirements.txt", "source"


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
        "name": name,
    }
    with workspace(cache_root(cache)) as room:
        source = room / "tree" / SOURCE
        source.mkdir(parents=True)
        _unpack(artifact.path, source)
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


def read_build(file: Path, cache: Path | None = None) -> BuildFile:
    """Return the contents of a build; its lock, if it has one, is a file in the cache.

    Raises ``UserError`` if there is no such file, it is no build, or its code has changed since.
    """
    home = cache_root(cache)
    fix = "make one with `python -m homeport.build`, or take it again from where it was made"
    with workspace(home) as room:
        try:
            digest = sha256_of(file)
            _unpack(file, room)
            facts = json.loads((room / FACTS).read_text())
            built = pack_artifact(room / SOURCE, read_tree(room / SOURCE), home)
            whole = built.id == facts["artifact"]
            name, commit, dirty = str(facts["name"]), facts["commit"], bool(facts["dirty"])
        except FileNotFoundError as error:
            is_missing = error.filename == str(file)
            what = "there is no such file" if is_missing else "this is not an artifact"
            raise UserError(what, fix=fix, file=file) from None
        except (OSError, ValueError, TypeError, KeyError, subprocess.CalledProcessError):
            raise UserError("this is not an artifact", fix=fix, file=file) from None
        if not whole:
            raise UserError("its code is not what was built", fix=fix, file=file)
        requirements = None
        if (room / LOCK).is_file():
            requirements = home / "builds" / digest / LOCK
            keep(room / LOCK, requirements)
    return BuildFile(name, replace(built, commit=commit, dirty=dirty, changes=()), requirements)


def _unpack(archive: Path, folder: Path) -> None:
    # Its modes are what was packed, whatever the umask.
    options = ("--extract", "--gzip", "--no-same-owner", "--preserve-permissions")
    subprocess.run(
        ["tar", *options, "--file", str(archive), "--directory", str(folder)],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
