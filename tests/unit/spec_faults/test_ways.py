"""Each way to damage a path does, and its inverse leaves all as it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.spec_faults import ways
from tests.spec_faults.survey import ASIDE, Place
from tests.support.real_delivery import as_root

pytestmark = as_root
WAYS = [way.kind for way in ways.of_file(Place("/a", "f", "644", "root", "root", ""))]


def state(path: Path) -> tuple[object, ...]:
    info = path.lstat()
    content = path.read_bytes() if path.is_file() else b""
    rights = (info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, info.st_ino)
    return (*rights, content) if path.exists() else ()


@pytest.mark.parametrize("at", range(len(WAYS)), ids=WAYS)
def test_ways__what_is_done_to_a_file_is_taken_back(tmp_path: Path, at: int) -> None:
    path, aside = tmp_path / "file", tmp_path / "aside"
    path.write_text("text\n")
    aside.mkdir()
    place = Place(str(path), "f", "644", "root", "root", "")
    way = list(ways.of_file(place))[at]
    before = state(path)

    def run(script: str) -> None:
        text = script.replace(ASIDE, str(aside))
        subprocess.run(["sh", "-euc", text], check=True)

    run(way.apply)
    assert not path.exists() or path.is_symlink() or state(path) != before
    run(way.undo)
    assert state(path) == before
    assert list(aside.iterdir()) == []
