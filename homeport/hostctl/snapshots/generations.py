"""Generations: all managed files of an application as they were at once, kept to go back to.

Each is named by a keyed hash of them, so the same files are the same generation. One that was
confirmed has a number, which counts deploys: the clock of a host may lie, and its count doesn't.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..protocol import BESIDE, require_version
from ..slots.app_spec import AppSpec
from ..system import atomic_files
from ..system.paths import AppPaths
from ..system.subprocesses import Commands
from . import pins, snapshot
from .entry import SnapshotError
from .images import Image, write
from .images import name as name_of

if TYPE_CHECKING:
    from ..shapes import BadMark, JournalLine

DIGITS = 12
META, NEW = "meta", ".new"
"""The file of its facts, and the name of the one that is being made."""


@dataclass(frozen=True)
class Generation:
    """The facts of one generation.

    + number: which confirmed deploy it was, 0 if it never was confirmed
    + slots: the names of the processes that run in slots
    + data: the version of the data layout that it needs
    + index: the seal of its index; None if an older program wrote it
    + formerly: the names that it had before a secret in it was replaced
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
    index: Mapping[str, Any] | None = None
    formerly: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it was confirmed once."""
        return self.number > 0


def name(place: AppPaths) -> str:
    """Return what the files that are in their places now are called as a generation."""
    return snapshot.digest(managed(place), snapshot.key(place.hmac_key), place.root)[:DIGITS]


def name_of_images(place: AppPaths, images: Iterable[Image]) -> str:
    """Return what these images are called as a generation; its ledgers are no part of its name."""
    named = [image for image in images if not place.at(image.path).is_relative_to(place.own)]
    return name_of(named, snapshot.key(place.hmac_key))[:DIGITS]


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
    found = read(place, gid)
    if found is not None and is_whole(place, gid):
        return found
    runs = AppSpec.read(place.processes)
    release = runs.release or current_release(place)
    made = Generation(
        gid, release, tuple(sorted(runs.slots)), runs.data_version,
        who=str(known.get("who")), commit=known.get("commit"), dirty=known.get("dirty"),
    )  # fmt: skip
    if found is not None:
        # Its images are damaged, and the host has all of them at this moment.
        made = replace(made, number=found.number, when=found.when)
    stage = place.generations / NEW
    shutil.rmtree(stage, ignore_errors=True)
    last = max(read_all(place), key=lambda each: each.number, default=None)
    like = folder(place, last.gid) if last and is_whole(place, last.gid) else None
    snapshot.keep(stage, paths(place), commands, place.root, like)
    settle(place, stage, made)
    return made


def settle(place: AppPaths, stage: Path, made: Generation) -> None:
    """Make the images in a folder that generation: all of it, or nothing."""
    _note(stage, replace(made, index=snapshot.seal(stage)._asdict()))
    # What can't be read takes no number.
    shutil.rmtree(folder(place, made.gid), ignore_errors=True)
    atomic_files.move(stage, folder(place, made.gid))


def rewrite(place: AppPaths, gid: str, images: Sequence[Image]) -> str:
    """Make a generation consist of these images in place of its own; return its new name.

    It keeps its number, its marks and its pin. Nothing of its old images is left when this returns.
    """
    known, made = read(place, gid), name_of_images(place, images)
    if known is None or made == gid:
        return gid
    former = (*known.formerly, gid)
    if (same := read(place, made)) is not None:
        # The host has it without the difference already.
        later = max(same, known, key=lambda each: each.number)
        number_of = replace(same, number=later.number, when=later.when)
        _note(folder(place, made), replace(number_of, formerly=(*same.formerly, *former)))
    else:
        stage = place.generations / NEW
        shutil.rmtree(stage, ignore_errors=True)
        write(stage, images)
        settle(place, stage, replace(known, gid=made, formerly=former))
    if mark := marks(place).get(gid):
        mark_bad(place, made, known.release, str(mark.get("reason")), str(mark.get("when")))
    if gid in pins.read(place):
        pins.add(place, made)
        pins.drop(place, gid)
    remove(place, gid)
    return made


def remove(place: AppPaths, gid: str) -> None:
    """Remove a generation, with all that it holds."""
    shutil.rmtree(folder(place, gid), ignore_errors=True)
    atomic_files.sync_folder(place.generations)


def verify(place: AppPaths, gid: str) -> list[Image]:
    """Return the images of a generation, if all of them are what was kept under that name.

    Raises SnapshotError, which names what isn't.
    """
    meta = read(place, gid)
    if meta is None:
        raise SnapshotError(f"generation {gid or 'unknown'} isn't there, or can't be read")
    try:
        found = snapshot.inspect(folder(place, gid), meta.index).require_whole()
    except SnapshotError as wrong:
        raise SnapshotError(f"generation {gid} is damaged: {wrong}") from None
    if name_of_images(place, found) != gid:
        raise SnapshotError(f"generation {gid} isn't what was kept under that name on this host")
    return found


def is_whole(place: AppPaths, gid: str) -> bool:
    """Return whether all images of a generation are what was kept under that name."""
    try:
        verify(place, gid)
    except SnapshotError:
        return False
    return True


def folder(place: AppPaths, gid: str) -> Path:
    """Return where a generation is kept."""
    return place.generations / gid


def read(place: AppPaths, gid: str) -> Generation | None:
    """Return what is known of a generation, None if it isn't kept, or can't be read."""
    meta = atomic_files.document(folder(place, gid) / META) if gid else None
    known = {key: meta[key] for key in Generation.__annotations__ if meta and key in meta}
    try:
        former = tuple(known.get("formerly", ()))
        found = Generation(**{**known, "slots": tuple(known["slots"]), "formerly": former})
    except (KeyError, TypeError):
        return None
    return found if found.gid == gid else None


def read_all(place: AppPaths) -> list[Generation]:
    """Return all that are kept, in the order in which they were confirmed first to last."""
    found = (read(place, gid) for gid in names(place))
    return sorted((each for each in found if each), key=lambda each: (each.number, each.gid))


def names(place: AppPaths) -> list[str]:
    """Return the names of all that lie there, also of those that can't be read."""
    found = (entry.name for entry in _entries(place.generations) if entry.is_dir())
    # A name that starts so is of one that was being made, or removed, when the power was cut.
    return [gid for gid in found if not gid.startswith(".")]


def number(place: AppPaths, gid: str, when: str, *, again: bool, like: str | None = None) -> None:
    """Count a generation as confirmed; one that was gone back to keeps its number.

    + like: what was gone back to, if that isn't quite the same
    """
    found = read(place, gid)
    if found is None or (again and found.good):
        return
    model = read(place, like) if again and like else None
    if model is not None and model.good:
        _note(folder(place, gid), replace(found, number=model.number, when=when))
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


def forget_bad(place: AppPaths) -> None:
    """Remove the marks of generations that aren't kept, and all but the last of each other one."""
    found, there = atomic_files.records(place.bad), set(names(place))
    left = [mark for gid, mark in marks(place).items() if gid in there]
    if len(left) < len(found):
        atomic_files.write_records(place.bad, left)


def current_release(place: AppPaths) -> str:
    """Return the release that ``current`` leads to, nothing if there is none."""
    return str(place.current.readlink()) if place.current.is_symlink() else ""


def _ledgers(place: AppPaths) -> list[Path]:
    own = {place.journal, place.last_journal, place.active, place.history, place.bad, place.pins}
    own.add(place.renewal)
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
    atomic_files.write_document(place / META, asdict(generation))
