"""Wherever the power is cut, the host runs one whole release after its boot, and loses nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.faults.disk_model import (
    FILE,
    FOLDER,
    Disk,
    Node,
    Recording,
    Sync,
    Write,
    flat,
    remaining,
)
from tests.faults.power_cuts import STORIES, Case, Stage, Story, apart, drawn
from tests.faults.recorder import recording

EACH = 40
"""Cases of each story; `make faults` plays more."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_power_cut_leaves_one_whole_release_and_all_that_was_confirmed(
    folder: Path, story: Story
) -> None:
    random = Random(story.name)
    with apart(folder):
        stage = Stage(story, folder / "host")
        for number, case in enumerate(drawn(stage, EACH, random)):
            try:
                stage.play(case, folder / str(number))
            except BaseException as error:
                error.add_note(str(case))
                raise


def test_what_was_recorded_is_what_lies_there_in_the_end(folder: Path) -> None:
    with apart(folder):
        stage = Stage(STORIES[0], folder / "host")
    disk, waiting = stage.recording.at(len(stage.recording.steps))
    for write in waiting:
        disk.take(write)
    found = flat(disk)
    assert len(found) > 50
    for path, held in found.items():
        there = stage.shop.root / path.lstrip("/")
        assert there.is_symlink() or there.exists(), path
        assert not isinstance(held, bytes) or there.read_bytes() == held, path


def test_links_that_nothing_syncs_are_lost_with_the_power(folder: Path) -> None:
    # The fault that the stories found first: systemctl enable(1) syncs nothing.
    with apart(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr("homeport.hostctl.verbs.activation.sync_enabled", lambda units: None)
        stage = Stage(next(each for each in STORIES if each.name == "a rollback"), folder / "host")
        last = Case(stage.story, len(stage.recording.steps), "none", 1)
        with pytest.raises(KeyError, match="shop-worker"):
            stage.play(last, folder / "cut")


def test_records_that_are_cut_off_together_are_no_damage(folder: Path) -> None:
    # Several records are appended at once: any part of them may be on the disk, and a hole before.
    with apart(folder):
        stage = Stage(next(each for each in STORIES if each.name == "a first deploy"), folder / "a")
        steps = stage.recording.steps
        torn = [
            cut
            for cut in range(2, len(steps))
            if all(isinstance(step, Write) and step.content for step in steps[cut - 2 : cut])
        ]
        assert len(torn) > 10
        for cut in torn:
            for seed in range(4):
                stage.play(Case(stage.story, cut, "some", seed), folder / f"{cut}-{seed}")


NODES = {0: Node(FOLDER), 1: Node(FILE), 2: Node(FILE)}
OLD = Disk(NODES, {0: {"a": 1}}, {1: b"old"})
BESIDE = Write(frozenset({0}), entries=((0, "b", 2),))
CONTENT = Write(frozenset({2}), content=(2, b"new", 0))
RENAME = Write(frozenset({0}), entries=((0, "a", 2), (0, "b", None)))


@pytest.mark.parametrize(
    ("steps", "there", "lost"),
    [
        ((BESIDE, CONTENT, Sync(2), RENAME), {"/a": b"old"}, 2),
        ((BESIDE, CONTENT, Sync(2), RENAME, Sync(0)), {"/a": b"new"}, 0),
        ((BESIDE, CONTENT, RENAME, Sync(0)), {"/a": b""}, 1),
    ],
    ids=["not renamed", "written well", "renamed before it was synced"],
)
def test_only_what_was_synced_is_certain(
    steps: tuple[Write | Sync, ...], there: dict[str, bytes], lost: int
) -> None:
    disk, waiting = Recording(OLD, steps).at(len(steps))
    assert {path: held for path, held in flat(disk).items() if path} == there
    assert len(waiting) == lost


def test_an_append_may_be_torn_and_keeps_what_was_there() -> None:
    more = Write(frozenset({1}), content=(1, b"more", 3))
    seen = set()
    for seed in range(40):
        disk = OLD.copied()
        for write in remaining([more], "some", Random(seed)):
            disk.take(write)
        seen.add(disk.contents[1])
    assert seen == {b"old", b"oldm", b"oldmo", b"oldmor", b"oldmore"}
    assert list(remaining([more], "all", Random(1))) == [more]
    assert list(remaining([more], "none", Random(1))) == []


def test_each_system_call_is_a_write_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with recording(tmp_path) as recorder, recorder.program():
        (tmp_path / "b").write_text("new")
        (tmp_path / "b").rename(tmp_path / "a")
        (tmp_path / "c").mkdir()
    names = [
        tuple((name, node is not None) for _, name, node in step.entries)
        for step in recorder.steps
        if isinstance(step, Write) and step.entries
    ]
    assert [set(each) for each in names] == [
        {("b", True)},
        {("a", True), ("b", False)},
        {("c", True)},
    ]
