"""The directories above a path: where one isn't root's alone, nothing of root's may lie.

Who may write a directory may rename what is in it, and put a link in its place: a file that root
writes there lands where the link leads, and what root removes is what lies there. So each directory
on the way to a path belongs to root, and neither its group nor others may write it, the sticky bit
notwithstanding; links on the way are followed, and those above what they lead to judged as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from shlex import quote

from homeport.engine.kind import PreconditionError
from homeport.files.entries import Directory, Entry, FileState

TARGET = re.compile("[A-Za-z0-9./@:+_-]+")
"""What a link on the way may lead to: any other is one that root has no need to make."""
HOPS = 20
"""Links on one way that are followed: the kernel follows twice as many."""


@cache
def shell() -> str:
    """Return the shell function that adds each directory on the way to its argument to ``ways``."""
    return Path(__file__).with_name("ancestors.sh").read_text()


def collect(paths: Iterable[str]) -> str:
    """Return the shell that adds what is above these paths to ``ways``."""
    places = sorted({path.rpartition("/")[0] for path in paths} - {""})
    return f'for place in {" ".join(map(quote, places))}; do above "$place"; done'


def require_root_only(
    entries: Collection[Entry],
    leaving: Collection[str],
    seen: Mapping[str, FileState],
    trusted: Collection[str] = (),
    made: Collection[Directory] = (),
    places: Collection[str] = (),
) -> None:
    """Raise ``PreconditionError`` where a directory above one of these paths isn't root's alone.

    + leaving: paths that are to be removed
    + trusted: accounts that may become root anyway, so that what is theirs is as safe as root's
    + made: directories that others than the group of these entries make, as they make them
    + places: other paths at which root keeps something
    """
    described = {each.path: each for each in (*made, *entries) if isinstance(each, Directory)}
    found: dict[str, str] = {}
    for path in (*(entry.path for entry in entries), *leaving, *places):
        for place in _ways(path, seen):
            if place not in found and (why := _why(place, seen, described, trusted)):
                does = "is to be removed from" if path in leaving else "is to lie in"
                found[place] = f"{path} {does} {place}, {why}"
    if found:
        raise PreconditionError("; ".join(found.values()))


def _why(
    place: str,
    seen: Mapping[str, FileState],
    described: Mapping[str, Directory],
    trusted: Collection[str],
) -> str | None:
    state = seen.get(place)
    if state is not None and state.type == "l":
        return (
            None if TARGET.fullmatch(state.target) else "a link to no plain path; remove it there"
        )
    # What is described as root's alone is made so before anything is put into it.
    wanted = described.get(place)
    if wanted is not None and not _is_open(wanted, trusted):
        return None
    if wanted is not None and (state is None or state.type == "d"):
        return f"which is described as {wanted.owner}'s, mode {wanted.mode}; describe it elsewhere"
    if state is None or state.type != "d" or not _is_open(state, trusted):
        return None
    return (
        f"which isn't root's alone (mode {state.mode}, {state.owner}:{state.group}); describe it "
        f"elsewhere, or run `chown root:root {place} && chmod go-w {place}` there"
    )


def _is_open(directory: FileState | Directory, trusted: Collection[str]) -> bool:
    safe, mode = {"root", *trusted}, int(directory.mode, 8)
    return (
        directory.owner not in safe
        or bool(mode & 0o002)
        or (bool(mode & 0o020) and directory.group not in safe)
    )


def _ways(path: str, seen: Mapping[str, FileState]) -> Iterator[str]:
    """Yield each directory on the way to a path, and each link, as the shell does."""
    yield "/"
    left, at, hops = path.split("/")[1:-1], list[str](), 0
    while left:
        step = left.pop(0)
        if step == "..":
            at = at[:-1]
        elif step not in ("", "."):
            at.append(step)
            place = "/" + "/".join(at)
            yield place
            state = seen.get(place)
            if state is not None and state.type == "l" and (hops := hops + 1) <= HOPS:
                at = [] if state.target.startswith("/") else at[:-1]
                left = state.target.split("/") + left
