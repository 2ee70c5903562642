"""Power that is cut at any write of a deploy or a rollback: the host ends whole, by itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from homeport.hostctl import __main__
from homeport.hostctl.snapshots import in_use
from homeport.hostctl.system import atomic_files
from homeport.hostctl.system.atomic_files import records
from homeport.hostctl.transaction import history
from tests.faults.disk_calls import Names, patches
from tests.faults.disk_model import Recording, remaining
from tests.faults.recorder import Recorder, recording
from tests.support.fake_systemd import UNITS
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW, OLD, Version

MANNERS = ("all", "none", "some")
LATER = Version("v3", "late")
"""What the next deploy brings."""

Work = Callable[[Shop], int]


@dataclass(frozen=True)
class Story:
    """Some work on a host, and what the host ran before it and runs after it.

    + breaks: how the new release behaves, for that of ``Units.manners``
    """

    name: str
    work: Work
    before: Version | None
    after: Version | None
    breaks: str = ""


def _deploy(wanted: Version) -> Work:
    return lambda shop: shop.deploy(wanted)


def _deploy_with_full_history(shop: Shop) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "NUMBER", len(history.read(shop.place)))
        code = shop.deploy(FULL)
    assert history.dropped(shop.place)
    return code


def _back(shop: Shop) -> int:
    return shop.back()


def _settle(shop: Shop) -> int:
    shop.settle()
    return 0


ONCE = Version("v2", "keen", once="shop-once")
FULL = Version("v4", "full")
APART = Version("v1", slots=False), Version("v2", "keen", slots=False)
STORIES = (
    Story("a deploy", _deploy(NEW), OLD, NEW),
    Story("a first deploy", _deploy(OLD), None, OLD),
    Story("a first deploy that fails", _deploy(OLD), None, None, "deaf"),
    Story("a release that crashes", _deploy(NEW), OLD, OLD, "crashes"),
    Story("a worker that crashes", _deploy(NEW), OLD, OLD, "hurts"),
    Story("a setting", _deploy(Version("v1", "keen")), OLD, Version("v1", "keen")),
    Story("a program that runs once", _deploy(ONCE), OLD, ONCE),
    Story("no slots", _deploy(APART[1]), APART[0], APART[1]),
    Story("slots go", _deploy(APART[1]), OLD, APART[1]),
    Story("slots come", _deploy(NEW), APART[0], NEW),
    Story(
        "the worker goes",
        _deploy(Version("v2", "keen", singles=False)),
        OLD,
        Version("v2", "keen", singles=False),
    ),
    Story("a rollback", _back, NEW, OLD),
    Story("a history that is full", _deploy_with_full_history, NEW, FULL),
    Story("clearing up after a deploy", _settle, NEW, NEW),
)


@dataclass(frozen=True)
class Case:
    """A power cut: after so many steps of a story, with some of the unsynced writes kept."""

    story: Story
    cut: int
    manner: str
    seed: int

    def __str__(self) -> str:
        return f"{self.story.name}: cut after step {self.cut}, {self.manner}, seed {self.seed}"


class Stage:
    """A story that was told once, and recorded: each case is a disk made from the recording.

    + calls: the number of steps before each call of the program that reaches the disk, by its name
    """

    def __init__(self, story: Story, folder: Path) -> None:
        self.story = story
        self.shop = self._set(folder)
        self.past = [dict(line) for line in history.read(self.shop.place)]
        with recording(self.shop.root) as recorder, _noted(recorder) as calls:
            self.code = story.work(self.shop)
        self.recording: Recording = recorder.recording
        self.calls = calls

    def cases(self, random: Random) -> Iterator[Case]:
        """Yield a case of each manner for each step, and one at the end."""
        for cut in range(len(self.recording.steps) + 1):
            for manner in MANNERS:
                yield Case(self.story, cut, manner, random.getrandbits(32))

    def play(self, case: Case, folder: Path) -> None:
        """Cut the power, boot, and insist on one whole release, and on a next deploy."""
        shop = self.cut(case, folder)
        expected = self._expected(shop, case)
        shop.reboot()
        shop.settle()
        shop.whole(expected)
        lines, past = history.read(shop.place), self.past[history.dropped(shop.place) :]
        assert lines[: len(past)] == past, "the history has lost a line"
        assert shop.deploy(LATER) == 0
        shop.settle()
        shop.whole(LATER)
        shutil.rmtree(folder)

    def cut(self, case: Case, folder: Path) -> Shop:
        """Return what lies on the disk after a power cut, which is that folder's content then."""
        random = Random(case.seed)
        disk, waiting = self.recording.at(case.cut)
        for write in remaining(waiting, case.manner, random):
            disk.take(write)
        disk.lay(folder)
        return self._again(folder)

    def _expected(self, shop: Shop, case: Case) -> Version | None:
        before, after = self.story.before, self.story.after
        is_new = confirmed(shop, {line["id"] for line in self.past})
        if case.cut == len(self.recording.steps) and self.story.work is not _settle:
            # The controller was told how it went: so it stays.
            assert is_new == (before != after)
        return after if is_new else before

    def _set(self, folder: Path) -> Shop:
        shop = Shop(folder)
        (folder / UNITS).mkdir(parents=True)
        for version in self._earlier():
            assert shop.deploy(version) == 0
            if version is not NEW or self.story.work is not _settle:
                shop.settle()
        wanted = OLD if self.story.before is None else NEW
        shop.systemd.manners[f"{wanted.code} {wanted.setting}"] = self.story.breaks
        return shop

    def _earlier(self) -> Sequence[Version]:
        if self.story.before is None:
            return ()
        return (OLD, NEW) if self.story.before == NEW else (self.story.before,)

    def _again(self, folder: Path) -> Shop:
        shop = Shop(folder)
        shop.clock.__dict__.update(self.shop.clock.__dict__)
        shop.count = self.shop.count
        shop.systemd.manners.update(self.shop.systemd.manners)
        return shop


def confirmed(shop: Shop, known: Collection[str]) -> bool:
    """Return whether the last deploy was confirmed, by what lies on the disk.

    + known: the ids of earlier ones
    """
    lines = records(shop.place.journal) or records(shop.place.last_journal) or [{}]
    stays = any(line.get("state") == "confirmed" for line in lines)
    return stays and lines[0].get("id") not in known


@contextmanager
def _noted(recorder: Recorder) -> Iterator[Mapping[str, int]]:
    """Have all verbs of the host program be recorded as a program's work.

    Yields the number of steps before each of its calls, by the call's name.
    """
    main, verbs, calls = __main__.main, [""], dict[str, int]()

    def noted(*arguments: Any, **named: Any) -> int:
        with recorder.program():
            verbs.append(arguments[0][0])
            try:
                return main(*arguments, **named)
            finally:
                verbs.pop()

    names = Names(str(recorder.root))

    def before(name: str) -> None:
        calls[name] = recorder.position

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(__main__, "main", noted)
        for call, made in patches(atomic_files, names, lambda: verbs[-1], before).items():
            patch.setattr(atomic_files, call, made)
        yield calls


@contextmanager
def apart(folder: Path) -> Iterator[Path]:
    """Have no work wait for a disk or ask for processes; return a folder for what is made."""
    (folder / "proc").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_use, "PROC", folder / "proc")
        patch.setattr(atomic_files, "fsync", lambda opened: None)
        yield folder
    atomic_files.free_space_hooks.clear()


def drawn(stage: Stage, count: int, random: Random) -> list[Case]:
    """Return so many cases of a story: every step and manner once, before any comes again."""
    cases: list[Case] = []
    while len(cases) < count:
        more = list(stage.cases(random))
        random.shuffle(more)
        cases += more
    return cases[:count]
