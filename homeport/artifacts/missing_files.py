"""Code that isn't where it belongs: a release without it would be deployed, and fail later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from homeport.artifacts.checkout import Checkout
from homeport.artifacts.source_rules import SourceRules, lineage, matches
from homeport.artifacts.source_tree import TreeEntry
from homeport.errors import UserError

_SUBMODULE = re.compile(r"^[ \t]*path[ \t]*=[ \t]*(.+?)[ \t]*$", re.MULTILINE)  # gitmodules(5)
_OR = "or name it under exclude: in app.yml"
_FROM_CHECKOUT = "deploy a checkout that has it (source: DIRECTORY)"


def check_missing(
    tree: Path, entries: Iterable[TreeEntry], rules: SourceRules, checkout: Checkout | None
) -> Iterator[UserError]:
    """Yield an error for each part of the code that isn't here, and that no rule leaves out.

    That is a submodule that isn't fetched, a file that a sparse checkout leaves away, a pointer of
    Git LFS in place of its file, and a pattern of `source.include` that fits no file.
    """
    is_commit = checkout is not None and checkout.is_archive
    for path in checkout.unfetched if checkout else _empty_submodules(tree):
        if rules.own_part(path) is None and rules.excluded_part(path) is None:
            fetch = _FROM_CHECKOUT if is_commit else "run `git submodule update --init --recursive`"
            yield _missing(tree, path, "is a submodule that isn't fetched", fetch)
    for path in checkout.absent if checkout else ():
        if rules.own_part(path) is None and rules.excluded_part(path) is None:
            what = "isn't here, since this is a sparse checkout"
            yield _missing(tree, path, what, "run `git sparse-checkout disable`")
    for entry in entries:
        if entry.is_pointer:
            what = "is a pointer of Git LFS, and not the file itself"
            yield _missing(
                tree, entry.path, what, _FROM_CHECKOUT if is_commit else "run `git lfs pull`"
            )
    for text in rules.include:
        if not any(matches(part, (text,)) for entry in entries for part in lineage(entry.path)):
            what = f"source.include names {text}, and no file that ships has this name"
            yield UserError(what, fix="build it first, or correct the pattern", file=tree)


def _missing(tree: Path, path: str, what: str, fix: str) -> UserError:
    return UserError(what, fix=f"{fix}, {_OR}", file=tree / path)


def _empty_submodules(tree: Path) -> Iterator[str]:
    # No git is asked here: the tree came without its repository.
    try:
        text = (tree / ".gitmodules").read_text(errors="replace")
    except OSError:
        return
    for match in _SUBMODULE.finditer(text):
        folder = tree / (path := match[1].strip('"'))
        if not folder.is_dir() or not any(folder.iterdir()):
            yield path
