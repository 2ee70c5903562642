"""An image is what was written, or it is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.hostctl.snapshots import images, snapshot
from homeport.hostctl.snapshots.entry import SnapshotError
from homeport.hostctl.system import atomic_files
from tests.support.changed_trees import ALL, fresh, keep
from tests.support.damaged_state import WAYS, files, spoil

__all__ = ["fresh"]

Fresh = Callable[[], Path]


@pytest.mark.parametrize("way", WAYS)
def test_images__whatever_is_damaged_is_named_and_the_rest_is_whole(fresh: Fresh, way: str) -> None:
    for number in range(len(list(files(keep(fresh(), *sorted(ALL)))))):
        folder = keep(fresh(), *sorted(ALL))
        whole, seal = images.inspect(folder).images, snapshot.seal(folder)._asdict()
        path = list(files(folder))[number]
        if not spoil(way, path, number):
            continue
        if way == "newer" and path.name == "index":
            continue  # it is refused by its version
        found = images.inspect(folder, seal)
        assert any(str(path) in line for line in found.damage), found.damage
        assert set(found.images) < set(whole) or way == "foreign"
        with pytest.raises(SnapshotError, match=str(path)):
            found.require_whole()


def test_images__a_folder_that_is_written_holds_these_and_no_others(fresh: Fresh) -> None:
    root = fresh()
    found = images.inspect(keep(root, *sorted(ALL))).images
    images.write(root / "var/copy", found)
    copy = images.inspect(root / "var/copy", snapshot.seal(root / "var/copy")._asdict())
    assert copy.damage == []
    assert [(each.path, each.content) for each in copy.images] == [
        (each.path, each.content) for each in found
    ]


def test_images__those_of_a_snapshot_without_digests_are_read(fresh: Fresh) -> None:
    folder = keep(fresh(), "/etc/shop/env")
    record = {**atomic_files.records(folder / "index")[0], "version": 1}
    del record["sha256"]
    (folder / "index").write_text(f"{record}\n".replace("'", '"'))
    (found,) = images.inspect(folder).require_whole()
    assert (found.path, found.content) == ("/etc/shop/env", b"env as it was")


def test_images__an_entry_that_names_no_image_of_the_folder_is_damaged(fresh: Fresh) -> None:
    folder = keep(fresh(), "/etc/shop/env")
    record = {**atomic_files.records(folder / "index")[0], "image": "../../etc/shop/more"}
    atomic_files.write_records(folder / "index", [record])
    assert images.inspect(folder).images == []
