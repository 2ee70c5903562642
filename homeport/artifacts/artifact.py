"""The artifact: an application's code, packed so that the same code is the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from homeport.artifacts.cache import cache_root, keep, workspace
from homeport.artifacts.checkout import Checkout, archive_of, checkout_of
from homeport.artifacts.lock import Lock
from homeport.artifacts.modules import modules_of_source
from homeport.artifacts.pack import pack
from homeport.artifacts.requirements_file import MAKE
from homeport.artifacts.source_files import LeftOut, select_files
from homeport.artifacts.source_rules import SourceRules
from homeport.artifacts.source_tree import TreeEntry, read_tree
from homeport.errors import UserError


@dataclass(frozen=True)
class Artifact:
    """An application's code as it goes to every host.

    `id` is a hash of contents, paths and modes (64 hexadecimal digits), `path` the packed tree
    (tar, gzip), `size` its bytes. `modules` is what the code makes importable. `commit` is what
    git had checked out, None if unknown; `dirty` is true if the code differs from that commit,
    and `changes` are the files that do. `programs` are the executable files, and the links.
    `left_out` is what of the source does not ship, by its reason.
    `tree_digest` is the digest of the output of sha256sum(1) over all files, sorted by path.
    """

    id: str
    path: Path
    modules: tuple[str, ...]
    size: int
    dirty: bool
    commit: str | None
    tree_digest: str = ""
    changes: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=(), compare=False)


def build_artifact(
    tree: Path,
    exclude: Sequence[str] = (),
    cache: Path | None = None,
    *,
    include: Sequence[str] = (),
    own: Sequence[str] = (),
) -> Artifact:
    """Return the artifact of a source, packed unless the cache holds it.

    The patterns are those of `SourceRules`. Of what git tracks, or else of the whole tree, ships
    what they leave, and what is included besides.
    Raises ``UserError``, with the file, if the source can't be deployed (see `select_files`), or
    git does not answer for its repository (see `checkout_of`).
    """
    home = cache_root(cache)
    if not tree.is_dir():
        raise UserError("there is no such directory", fix="correct source: in app.yml", file=tree)
    checkout = _checkout(tree, home)
    rules = SourceRules(tuple(exclude), tuple(include), tuple(own))
    files = select_files(tree, rules, checkout)
    built = pack_artifact(tree, files.entries, home)
    return replace(
        built,
        commit=checkout.commit if checkout else None,
        dirty=bool(files.changes),
        changes=files.changes,
        left_out=files.left_out,
    )


def pack_artifact(tree: Path, entries: Sequence[TreeEntry], home: Path) -> Artifact:
    """Return the artifact of these files of a tree, of no commit, packed into a cache."""
    identity = _identity(entries)
    path = home / "artifacts" / f"{identity}.tar.gz"
    if not path.is_file():
        with workspace(home) as room:
            pack(tree, entries, room / path.name)
            keep(room / path.name, path)
    return Artifact(
        identity,
        path,
        modules_of_source(entry.path for entry in entries),
        path.stat().st_size,
        False,
        None,
        _listing(entries),
        programs=tuple(entry.path for entry in entries if entry.mode & 0o111),
    )


def package_artifact(name: str, version: str, lock: Lock, cache: Path | None = None) -> Artifact:
    """Return the artifact of an application that is a package of the lock and has no code.

    It holds one file, `APPLICATION`, whose one line is `name==version`.
    Raises ``UserError`` if the lock doesn't pin that package at that version.
    """
    pins = {pin.name: pin.version for pin in lock.requirements}
    pinned = pins.get(canonicalize_name(name))
    if pinned is None or not _same_version(pinned, version):
        found = "isn't in it" if pinned is None else f"is pinned to {pinned}"
        raise UserError(
            f"the application is {name} {version}, but in the lock {name} {found}",
            fix=f"write {name}=={version} into requirements.in and {MAKE}, "
            "or correct source: in app.yml",
        )
    home = cache_root(cache)
    with workspace(home) as room:
        tree = room / "tree"
        tree.mkdir()
        (tree / "APPLICATION").write_text(f"{canonicalize_name(name)}=={pinned}\n")
        return replace(pack_artifact(tree, read_tree(tree), home), modules=())


def _checkout(tree: Path, home: Path) -> Checkout | None:
    is_archive = tree.resolve().parent == (home / "git").resolve()
    return archive_of(tree) if is_archive else checkout_of(tree)


def _same_version(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False


def _identity(entries: Iterable[TreeEntry]) -> str:
    listing = "".join(
        f"{entry.mode:o} {entry.path}\n"
        + (f"link {entry.link}\n" if entry.link is not None else f"file {entry.digest}\n")
        for entry in entries
    )
    return hashlib.sha256(listing.encode()).hexdigest()


def _listing(entries: Iterable[TreeEntry]) -> str:
    # In the order in which `sort -z` puts the paths in the C locale.
    files = [entry for entry in entries if entry.link is None]
    lines = "\n".join(_sum_line(entry) for entry in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _sum_line(entry: TreeEntry) -> str:
    # sha256sum doubles a backslash in a name, and says so with one before the digest.
    escaped = entry.path.replace("\\", "\\\\")
    return f"{'' if escaped == entry.path else chr(92)}{entry.digest}  ./{escaped}"
