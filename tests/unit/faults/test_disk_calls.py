from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.faults.disk_calls import Names, patches
from tests.faults.power_cuts import STORIES, Stage, apart


def module(made: list[str]) -> Any:
    """Return what stands for the module whose calls are named."""

    def call(name: str) -> Any:
        return lambda *arguments: made.append(name)

    return SimpleNamespace(write_fd=call("write"), fsync=call("sync"), replace=call("rename"))


def test_disk_calls__each_has_its_name_before_it_is_made(tmp_path: Path) -> None:
    made: list[str] = []
    stub, names = module(made), Names(str(tmp_path))
    wrapped = patches(stub, names, lambda: "begin", lambda name: made.append(name))
    opened = os.open(tmp_path, os.O_RDONLY)
    try:
        wrapped["fsync"](opened)
        wrapped["fsync"](opened)
    finally:
        os.close(opened)
    wrapped["replace"](tmp_path / "a", tmp_path / "0123456789ab/meta")
    expected = [("begin: fsync / 1", "sync"), ("begin: fsync / 2", "sync")]
    expected += [("begin: replace /*/meta 1", "rename")]
    assert made == [word for pair in expected for word in pair]


def test_disk_calls__what_no_verb_does_has_no_name(tmp_path: Path) -> None:
    made: list[str] = []
    wrapped = patches(module(made), Names(), lambda: "", lambda name: made.append(name))
    wrapped["replace"](tmp_path / "a", tmp_path / "b")
    assert made == ["rename"]


def test_disk_calls__numbers_go_on_from_earlier_processes() -> None:
    first, second = Names(), Names()
    name = first.next("begin", "replace", ("/a", "/b"))
    second.known([name])
    assert [name, second.next("begin", "replace", ("/a", "/b"))] == [
        "begin: replace /b 1",
        "begin: replace /b 2",
    ]


def test_disk_calls__those_of_a_deploy_are_known_in_their_order(folder: Path) -> None:
    with apart(folder):
        stage = Stage(STORIES[0], folder / "host")
    verbs = [name.partition(":")[0] for name in stage.calls]
    assert list(dict.fromkeys(verbs)) == ["begin", "snapshot", "activate", "confirm"]
    cuts = list(stage.calls.values())
    assert cuts == sorted(cuts)
    assert 0 < cuts[0] <= cuts[-1] <= len(stage.recording.steps)
