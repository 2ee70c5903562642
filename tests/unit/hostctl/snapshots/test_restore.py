"""What hostctl.snapshots.restore promises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.snapshots.entry import SnapshotError
from tests.support.changed_trees import (
    ALL,
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


WANTS = "/etc/systemd/system/multi-user.target.wants"


@settings(max_examples=200)
@given(trees, trees, st.permutations(PATHS))
def test_restore__whatever_is_done_to_what_was_kept_it_comes_back_as_it_was(
    before: dict[str, tuple[Any, ...]], after: dict[str, tuple[Any, ...]], order: list[str]
) -> None:
    with host() as root:
        make(root, before)
        had = picture(root, PATHS)
        keep(root, *order)
        make(root, after)
        changed = {path for path, found in picture(root, PATHS).items() if found != had[path]}
        restored = restore(root)
        assert picture(root, PATHS) == had
        assert changed == set(restored)
        assert restore(root) == []


def test_restore_that_is_cut_off_anywhere_is_done_by_the_next(fresh: Callable[[], Path]) -> None:
    had: dict[Path, Any] = {}

    def ready() -> Path:
        root = fresh()
        had.update({root: picture(root, sorted(ALL))})
        keep(root, *ALL)
        spoil(root, *ALL)
        return root

    for root in cuts(restore, ready):
        restore(root)
        assert picture(root, sorted(ALL)) == had[root]


def test_restore__a_directory_that_is_new_stays_if_somebody_has_filled_it(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    keep(root, "/srv/shop", "/srv/shop/file")
    (root / "srv/shop").mkdir(parents=True)
    (root / "srv/shop/file").touch()
    (root / "srv/shop/data").write_text("the application's own")
    assert restore(root) == ["/srv/shop", "/srv/shop/file"]
    assert [path.name for path in (root / "srv/shop").iterdir()] == ["data"]


def test_restore__a_unit_starts_at_boot_as_it_did_before(fresh: Callable[[], Path]) -> None:
    root, commands = fresh(), Noted()
    unit(root, "multi-user.target")
    new = "/etc/systemd/system/shop-new.service"
    folder = keep(root, WEB, new)
    had = picture(root, [f"{WANTS}/shop-web.service", f"{WANTS}/shop-new.service"])
    for name in ("shop-web.service", "shop-new.service"):
        (root / WANTS[1:] / name).unlink(missing_ok=True)
        (root / f"{WANTS[1:].replace('multi', 'other')}").mkdir(exist_ok=True)
        (root / WANTS[1:].replace("multi", "other") / name).symlink_to(WEB)
    (root / WANTS[1:] / "shop-new.service").symlink_to(new)
    (root / new[1:]).touch()
    snapshot.restore(folder, commands, root)
    assert picture(root, list(had)) == had
    assert list((root / WANTS[1:].replace("multi", "other")).iterdir()) == []
    assert commands.ran == [["systemctl", "daemon-reload"]]


def test_restore__a_systemd_that_does_not_read_its_units_anew_is_told(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    folder = keep(root, WEB)
    with pytest.raises(SnapshotError, match="daemon-reload: it is broken"):
        snapshot.restore(folder, Noted(failing={"systemctl daemon-reload"}), root)


def test_restore__a_drop_in_that_is_put_back_is_read_by_systemd(fresh: Callable[[], Path]) -> None:
    root = fresh()
    drop_in = "/etc/systemd/system/nginx.service.d/homeport.conf"
    (root / drop_in[1:]).parent.mkdir(parents=True)
    (root / drop_in[1:]).write_text("[Service]\n")
    folder = keep(root, drop_in)
    (root / drop_in[1:]).unlink()
    (root / drop_in[1:]).parent.rmdir()
    commands = Noted()
    assert snapshot.restore(folder, commands, root) == [drop_in]
    assert (root / drop_in[1:]).read_text() == "[Service]\n"
    assert commands.ran == [["systemctl", "daemon-reload"]]


def test_restore__what_has_become_of_no_kind_that_is_kept_is_put_back_as_well(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    keep(root, "/etc/shop/env", "/etc/shop/new")
    (root / "etc/shop/env").unlink()
    for name in ("env", "new"):
        os.mkfifo(root / "etc/shop" / name)
    assert restore(root) == ["/etc/shop/env", "/etc/shop/new"]
    assert (root / "etc/shop/env").read_text() == "env as it was"
    assert not (root / "etc/shop/new").exists()
