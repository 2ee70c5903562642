"""Private files: a release, which all users of a host can read, has only those that are named."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from homeport.artifacts.source_rules import SourceRules, lineage, matches
from homeport.artifacts.source_tree import TreeEntry
from homeport.errors import UserError

PRIVATE_DIRECTORIES = ("secrets", ".secrets", ".ssh", ".gnupg", ".aws")
PRIVATE_NAMES = (
    *(".env*", "*.env", ".netrc", "_netrc", ".my.cnf", ".pgpass"),
    *(".git-credentials", ".pypirc", ".htpasswd"),
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"),
    # Most of these are no text, so their contents say nothing.
    *("*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk"),
)
_READABLE = stat.S_IRGRP | stat.S_IROTH
_FIX = (
    "name it under exclude: in app.yml and its values under secrets:, or by its name under "
    "source.include if it must ship"
)


def private_part(path: str) -> str | None:
    """Return the file, or the directory above it, whose name is that of something private."""
    return next((each for each in lineage(path) if _is_private(each, each != path)), None)


def check_private(
    tree: Path, entries: Iterable[TreeEntry], rules: SourceRules
) -> Iterator[UserError]:
    """Yield an error for each file, or directory, that is private and that no rule names."""

    @cache
    def private(path: str) -> str | None:
        above = path.rpartition("/")[0]
        return (private(above) if above else None) or _hidden(tree, path)

    found: dict[str, str] = {}
    for entry in entries:
        if part := private_part(entry.path):
            what = "holds secrets, going by its name"
        elif entry.is_key:
            part, what = entry.path, "has a private key in it"
        elif entry.link is None and (part := private(entry.path)):
            what = "is more private than the directory that it is in"
        else:
            continue
        if not (rules.names(part) or rules.names(entry.path)):
            found.setdefault(part, what)
    for path, what in found.items():
        yield UserError(
            f"{what}, and all users of a host can read a release",
            fix=_fix(tree, path, what),
            file=tree / path,
        )


def _is_private(path: str, is_directory: bool) -> bool:
    patterns = (*PRIVATE_DIRECTORIES, *PRIVATE_NAMES) if is_directory else PRIVATE_NAMES
    return matches(path.lower(), patterns)


def _hidden(tree: Path, path: str) -> str | None:
    file = tree / path
    mode, above = file.lstat().st_mode, file.parent.lstat().st_mode
    return path if above & ~mode & _READABLE else None


def _fix(tree: Path, path: str, what: str) -> str:
    return f"run `chmod go+r {tree / path}`, or {_FIX}" if "more private" in what else _FIX
