"""What was kept comes back, whatever was done to it, and whenever the power was cut."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.snapshots.entry import SnapshotError
from homeport.hostctl.system.subprocesses import CompletedCommand
from tests.support.changed_trees import (
    ALL,
    FIRST,
    LATER,
    PATHS,
    WEB,
    fresh,
    host,
    keep,
    make,
    restore,
    spoil,
    trees,
    unit,
)
from tests.support.disk_faults import cuts
from tests.support.rehearsed_host import Noted, picture

__all__ = ["fresh"]


@settings(max_examples=50)
@given(trees, trees)
def test_snapshot__the_digest_tells_whether_anything_that_is_kept_differs(
    one: dict[str, tuple[Any, ...]], other: dict[str, tuple[Any, ...]]
) -> None:
    with host() as root:
        make(root, one)
        had, was = picture(root, PATHS), snapshot.digest(PATHS, b"key", root)
        assert was != snapshot.digest(PATHS, b"another", root)
        make(root, other)
        now = snapshot.digest(reversed(PATHS), b"key", root)
        assert (now == was) == (picture(root, PATHS) == had)


def test_snapshot__a_keep_that_is_cut_off_anywhere_takes_nothing_from_what_was_kept_before(
    fresh: Callable[[], Path],
) -> None:
    def work(root: Path) -> None:
        keep(root, *LATER)

    def ready() -> Path:
        root = fresh()
        had.update({root: picture(root, sorted(ALL))})
        keep(root, *FIRST)
        spoil(root, *FIRST)
        return root

    had: dict[Path, Any] = {}
    for number, root in enumerate(cuts(work, ready)):
        if number % 2:
            # The deploy goes on after all.
            keep(root, *LATER)
            spoil(root, *LATER)
        restore(root)
        assert picture(root, sorted(ALL)) == had[root]
        assert sorted(path.name for path in (root / "etc/shop").iterdir()) == [
            "env", "link", "more",
        ]  # fmt: skip


def test_snapshot__the_first_image_wins(fresh: Callable[[], Path]) -> None:
    root = fresh()
    keep(root, "/etc/shop/env")
    spoil(root, "/etc/shop/env")
    keep(root, "/etc/shop/env", "/etc/shop//env", "/etc/shop/./env")
    restore(root)
    assert (root / "etc/shop/env").read_text() == "env as it was"


def test_snapshot__what_another_snapshot_has_takes_no_more_room_and_stays_when_that_is_gone(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    files = [path for path in sorted(ALL) if (root / path[1:]).is_file()]
    assert len(files) > 1
    earlier = keep(root, *files)
    (root / files[0][1:]).write_text("as it is now")
    later = root / "var/later"
    snapshot.keep(later, files, Noted(), root, like=earlier)
    images = {entry.path: later / entry.image for entry in snapshot.entries(later)}
    assert [path for path in files if images[path].stat().st_nlink == 1] == [files[0]]
    had = picture(root, files)
    shutil.rmtree(earlier)
    spoil(root, *files)
    snapshot.restore(later, Noted(), root)
    assert picture(root, files) == had


def test_snapshot__what_is_kept_is_for_nobody_else_to_read(fresh: Callable[[], Path]) -> None:
    folder = keep(fresh(), *ALL)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert "as it was" not in (folder / "index").read_text()


def test_snapshot__of_a_unit_it_is_kept_whether_it_starts_at_boot_and_whether_it_runs(
    fresh: Callable[[], Path],
) -> None:
    root, template = fresh(), "/etc/systemd/system/shop-x@.service"
    unit(root, "multi-user.target")
    timer = "/etc/systemd/system/shop-tidy.timer"
    commands = Noted(active={"shop-web.service"})
    folder = keep(root, WEB, timer, template, "/etc/shop/units/shop.service", commands=commands)
    units = [entry.unit for entry in snapshot.entries(folder)]
    assert [unit and (unit.name, unit.active, unit.enabled) for unit in units] == [
        ("shop-web.service", True, True),
        ("shop-tidy.timer", False, False),
        ("shop-x@.service", False, False),
        None,
    ]
    assert commands.ran == [["systemctl", "is-active", "--", "shop-web.service", "shop-tidy.timer"]]


def test_a_host_that_does_not_say_what_runs_has_nothing_kept_and_nothing_taken_for_stopped(
    fresh: Callable[[], Path],
) -> None:
    class Silent(Noted):
        def run(self, *arguments: Any, **named: Any) -> CompletedCommand:
            return CompletedCommand(1, "", "Failed to connect to bus")

    root = fresh()
    with pytest.raises(SnapshotError, match="Failed to connect to bus"):
        keep(root, WEB, commands=Silent())
    assert snapshot.entries(root / "var/before") == []


def test_snapshot__the_hosts_key_is_made_once_and_is_its_own(tmp_path: Path) -> None:
    made = snapshot.key(tmp_path / "state/hmac-key")
    assert len(made) == 32
    assert snapshot.key(tmp_path / "state/hmac-key") == made
    assert (tmp_path / "state/hmac-key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "state/hmac-key").write_bytes(b"torn")
    assert snapshot.key(tmp_path / "state/hmac-key") not in (made, b"torn")
