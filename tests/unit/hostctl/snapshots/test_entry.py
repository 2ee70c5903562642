"""What hostctl.snapshots.entry promises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.snapshots.entry import (
    ABSENT,
    DIRECTORY,
    FILE,
    LINK,
    SnapshotEntry,
    SnapshotError,
    read_entry,
)
from tests.support.changed_trees import fresh, keep

__all__ = ["fresh"]


def test_entry__a_path_that_leads_nowhere_or_is_no_file_is_refused_before_anything_is_kept(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    os.mkfifo(root / "etc/pipe")
    for path in ("/etc/pipe", "etc/shop", ""):
        with pytest.raises(SnapshotError):
            keep(root, "/etc/shop/env", path)
    assert snapshot.entries(root / "var/before") == []


def test_entry__each_kind_of_path_is_looked_at_as_it_is_and_a_link_not_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").mkdir(mode=0o750)
    (tmp_path / "folder/file").write_bytes(b"all of it")
    (tmp_path / "folder/file").chmod(0o640)
    (tmp_path / "link").symlink_to("folder//file")
    owner = (os.getuid(), os.getgid())
    assert {path: read_entry(path, tmp_path) for path in ("/folder", "/folder/file", "/link")} == {
        "/folder": (SnapshotEntry("/folder", DIRECTORY, 0o750, *owner), b""),
        "/folder/file": (SnapshotEntry("/folder/file", FILE, 0o640, *owner), b"all of it"),
        "/link": (SnapshotEntry("/link", LINK, 0, *owner, target="folder//file"), b""),
    }


@pytest.mark.parametrize("path", ["/gone", "/file/below", "/loop/below"])
def test_entry__what_leads_nowhere_is_absent(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    assert read_entry(path, tmp_path) == (SnapshotEntry(path, ABSENT), b"")
