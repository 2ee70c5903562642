"""Generations: all managed files of an application as they were at once, kept to go back to.

Each is named by a keyed hash of them, so the same files are the same generation. One that was
confirmed has a number, which counts deploys: the clock of a host may lie, and its count doesn't.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..protocol import BESIDE, require_version
from ..slots.app_spec import AppSpec
from ..system import atomic_files
from ..system.paths import AppPaths
from ..system.subprocesses import Commands
from . import snapshot

if TYPE_CHECKING:
    from ..shapes import BadMark, JournalLine

DIGITS = 12


@dataclass(frozen=True)
class Generation:
    """The facts of one generation.

    + number: which confirmed deploy it was, 0 if it never was confirmed
    + slots: the names of the processes that run in slots
    + data: the version of the data layout that it needs
    """

    gid: str
    release: str
    slots: tuple[str, ...] = ()
    data: int = 1
    number: int = 0
    when: str = ""
    who: str = ""
    commit: str | None = None
    dirty: bool | None = None

    @property
    def good(self) -> bool:
        """Whether it was confirmed once."""
        return self.number > 0


def name(place: AppPaths) -> str:
    """Return what the files that are in their places now are called as a generation."""
    return snapshot.digest(managed(place), snapshot.key(place.hmac_key), place.root)[:DIGITS]


def managed(place: AppPaths) -> list[str]:
    """Return the paths that homeport keeps for this application, by its ledgers."""
    return [path for ledger in _ledgers(place) for path in _listed(ledger)]


def paths(place: AppPaths) -> list[str]:
    """Return those paths and the ledgers: all that a generation consists of."""
    ledgers = [f"/{path.relative_to(place.root)}" for path in _ledgers(place)]
    return [*managed(place), *ledgers]


def keep(place: AppPaths, commands: Commands, known: JournalLine) -> Generation:
    """Keep what is in its places now as a generation, unless it is kept already; return it."""
    gid = name(place)
    if found := read(place, gid):
        return found
    runs = AppSpec.read(place.processes)
    release = runs.release or current_release(place)
    made = Generation(
        gid, release, tuple(sorted(runs.slots)), runs.data_version,
        who=str(known.get("who")), commit=known.get("commit"), dirty=known.get("dirty"),
    )  # fmt: skip
    stage = place.generations / ".new"
    shutil.rmtree(stage, ignore_errors=True)
    last = max(read_all(place), key=lambda each: each.number, default=None)
    like = folder(place, last.gid) if last else None
    snapshot.keep(stage, paths(place), commands, place.root, like)
    _note(stage, made)
    # What can't be read takes no number.
    shutil.rmtree(folder(place, gid), ignore_errors=True)
    atomic_files.move(stage, folder(place, gid))
    return made


def folder(place: AppPaths, gid: str) -> Path:
    """Return where a generation is kept."""
    return place.generations / gid


def read(place: AppPaths, gid: str) -> Generation | None:
    """Return what is known of a generation, None if it isn't kept."""
    meta = atomic_files.document(folder(place, gid) / "meta") if gid else None
    known = {key: meta[key] for key in Generation.__annotations__ if meta and key in meta}
    try:
        return Generation(**{**known, "slots": tuple(known["slots"])})
    except (KeyError, TypeError):
        return None


def read_all(place: AppPaths) -> list[Generation]:
    """Return all that are kept, in the order in which they were confirmed first to last."""
    found = (read(place, entry.name) for entry in _entries(place.generations))
    return sorted((each for each in found if each), key=lambda each: (each.number, each.gid))


def number(place: AppPaths, gid: str, when: str, *, again: bool) -> None:
    """Count a generation as confirmed; one that was gone back to keeps its number."""
    found = read(place, gid)
    if found is None or (again and found.good):
        return
    highest = max((each.number for each in read_all(place) if each.gid != gid), default=0)
    if found.number <= highest:
        _note(folder(place, gid), replace(found, number=highest + 1, when=when))


def marks(place: AppPaths) -> dict[str, BadMark]:
    """Return the generations that are marked bad, each with its last mark."""
    return {str(mark.get("generation")): mark for mark in atomic_files.records(place.bad)}


def mark_bad(place: AppPaths, gid: str, release: str, reason: str, when: str) -> None:
    """Mark a generation as bad, and say why; once is enough for the same reason."""
    mark: BadMark = {"generation": gid, "release": release, "reason": reason, "when": when}
    if marks(place).get(gid, {}).get("reason") != reason:
        atomic_files.append(place.bad, mark)


def clear_bad(place: AppPaths, gid: str) -> None:
    """Take the marks from a generation that turned out well."""
    if gid in marks(place):
        left = [mark for mark in atomic_files.records(place.bad) if mark.get("generation") != gid]
        atomic_files.write_records(place.bad, left)


def current_release(place: AppPaths) -> str:
    """Return the release that ``current`` leads to, nothing if there is none."""
    return str(place.current.readlink()) if place.current.is_symlink() else ""


def _ledgers(place: AppPaths) -> list[Path]:
    own = {place.journal, place.last_journal, place.active, place.history, place.bad, place.pins}
    files = [path for path in _entries(place.own) if path.is_file() and path not in own]
    return [path for path in files if not path.name.endswith(BESIDE)]


def _listed(ledger: Path) -> Iterator[str]:
    lines = (atomic_files.read(ledger) or b"").decode(errors="replace").splitlines()
    paths = [line for line in lines if line.startswith("/")]
    if paths or (lines and lines[0].startswith("version ")):
        require_version(lines[0], ledger)
    yield from paths


def _entries(place: Path) -> Iterable[Path]:
    return sorted(place.iterdir()) if place.is_dir() else ()


def _note(place: Path, generation: Generation) -> None:
    atomic_files.write_document(place / "meta", asdict(generation))
