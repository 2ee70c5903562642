"""The files of a source that ship: what git knows, or all of a tree, less what must not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from homeport.artifacts.checkout import Checkout
from homeport.artifacts.missing_files import check_missing
from homeport.artifacts.private_files import check_private, private_part
from homeport.artifacts.source_rules import (
    BYTE_CODE,
    LEFT_BY_TOOLS,
    REPOSITORY,
    SourceRules,
    matched,
    matches,
)
from homeport.artifacts.source_tree import TreeEntry, read_tree, walk_tree
from homeport.errors import UserError, UserErrors

_ALL_MADE = (*REPOSITORY, *BYTE_CODE, *LEFT_BY_TOOLS)
_SHOWN = 5  # paths of a reason


class LeftOut(NamedTuple):
    """Files and directories of a source that don't ship, and why."""

    why: str
    paths: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.paths) - _SHOWN} more" if len(self.paths) > _SHOWN else ""
        return f"{', '.join(self.paths[:_SHOWN])}{more} ({self.why})"


@dataclass(frozen=True)
class SourceFiles:
    """The files that ship, those that differ from the commit, and what is left out."""

    entries: tuple[TreeEntry, ...]
    changes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def select_files(tree: Path, rules: SourceRules, checkout: Checkout | None) -> SourceFiles:
    """Return the files of a source that ship. `checkout` is what git says of it, if git knows it.

    Raises ``UserError`` for what a release can't be without, or must not have unnamed: see
    `check_missing` and `check_private`; besides what `read_tree` raises, and if there is no file.
    """
    chosen, left = [], defaultdict[str, set[str]](set)
    for path in _candidates(tree, rules, checkout):
        if (reason := _reason(path, rules, checkout)) is None:
            chosen.append(path)
        else:
            left[reason.why].update(reason.paths)
    for reason in _beside(tree, rules, checkout):
        left[reason.why].update(reason.paths)
    entries = read_tree(tree, chosen)
    errors = [
        *check_missing(tree, entries, rules, checkout),
        *check_private(tree, entries, rules),
    ]
    if errors:
        raise UserErrors(errors)
    if not entries:
        what = f"there are no files to deploy{', since git tracks none' if checkout else ''}"
        fix = "correct source: or exclude: in app.yml"
        raise UserError(what, fix=f"`git add` them, or {fix}" if checkout else fix, file=tree)
    left_out = (LeftOut(why, tuple(sorted(paths))) for why, paths in left.items() if why and paths)
    return SourceFiles(entries, tuple(_changes(rules, checkout)), tuple(left_out))


def _candidates(tree: Path, rules: SourceRules, checkout: Checkout | None) -> Iterator[str]:
    if checkout is None:
        pruned = REPOSITORY if rules.include else _ALL_MADE
        yield from walk_tree(
            tree, lambda path: path in rules.own or matches(path, (*pruned, *rules.exclude))
        )
        return
    yield from checkout.files
    if rules.include:
        known = {*checkout.files}
        found = walk_tree(tree, lambda path: matches(path, REPOSITORY))
        yield from (path for path in found if path not in known and rules.includes(path))


def _reason(path: str, rules: SourceRules, checkout: Checkout | None) -> LeftOut | None:
    """Return why a file doesn't ship, None if it does; without words where it needs none."""
    if matched(path, REPOSITORY):
        return LeftOut("", ())
    if part := rules.own_part(path):
        return LeftOut("homeport's own", (part,))
    if part := rules.excluded_part(path):
        return LeftOut("excluded", (part,))
    if rules.includes(path):
        return None
    if part := matched(path, BYTE_CODE):
        return LeftOut("byte code" if checkout else "", (part,))
    if checkout is None and (part := matched(path, LEFT_BY_TOOLS)):
        return LeftOut("made by tools", (part,))
    return None


def _beside(tree: Path, rules: SourceRules, checkout: Checkout | None) -> Iterator[LeftOut]:
    """Yield what git doesn't track, but for what no release would have anyway."""
    if checkout is None:
        return
    for why, paths in (("not in git", checkout.untracked), ("ignored by git", checkout.ignored)):
        each = (part for path in paths for part in _apart(tree, path, rules))
        yield LeftOut(why, tuple(path for path in each if not _is_accounted_for(path, rules)))


def _apart(tree: Path, path: str, rules: SourceRules) -> Iterator[str]:
    """Yield the path, or what is in that directory if some of it is included."""
    folder = tree / path
    is_open = rules.include and folder.is_dir() and not folder.is_symlink()
    below = [f"{path}/{name}" for name in walk_tree(folder)] if is_open else []
    yield from below if any(map(rules.includes, below)) else [path]


def _changes(rules: SourceRules, checkout: Checkout | None) -> Iterator[str]:
    if checkout is None:
        return
    untracked = {*checkout.untracked}
    for path in checkout.changes:
        if path in untracked:
            # What is private isn't forgotten: it has to be named, or stays here.
            is_meant = _is_accounted_for(path, rules) or private_part(path)
        else:
            is_meant = rules.own_part(path) or rules.excluded_part(path)
        if not is_meant:
            yield path


def _is_accounted_for(path: str, rules: SourceRules) -> bool:
    named = rules.own_part(path) or rules.excluded_part(path) or matched(path, _ALL_MADE)
    return named is not None or rules.includes(path)
