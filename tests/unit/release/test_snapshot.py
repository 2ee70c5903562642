"""What was kept comes back, whatever was done to it, and whenever the power was cut."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.snapshots.entry import SnapshotError
from homeport.hostctl.system.subprocesses import Commands, CompletedCommand
from tests.unit.release.hosting import Noted, picture
from tests.unit.release.power import cuts

PATHS = (
    "/etc/shop", "/etc/shop/env", "/etc/shop/more", "/etc/shop/more/deep",
    "/etc/shop.conf", "/srv/current", "/etc/systemd/system/shop-web.service",
)  # fmt: skip
WEB = "/etc/systemd/system/shop-web.service"
WANTS = "/etc/systemd/system/multi-user.target.wants"

modes = st.sampled_from((0o600, 0o640, 0o644, 0o755, 0o4755, 0o400))
here = st.one_of(
    st.tuples(st.just("file"), modes, st.binary(max_size=30)),
    st.tuples(st.just("link"), st.sampled_from(("env", "./more//deep", "/nowhere", "../etc"))),
    st.tuples(st.just("directory"), st.sampled_from((0o700, 0o755, 0o2750))),
    st.tuples(st.just("absent")),
)
trees = st.fixed_dictionaries(dict.fromkeys(PATHS, here))


@contextmanager
def host() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder in ("etc/systemd/system", "srv"):
            (root / folder).mkdir(parents=True)
        yield root


def make(root: Path, tree: dict[str, tuple[Any, ...]]) -> None:
    """Have these paths be that, as far as what lies above them lets them."""
    for path in reversed(PATHS):
        clear(root / path[1:])
    for path in PATHS:
        what, place = tree[path], root / path[1:]
        if not place.parent.is_dir() or place.parent.is_symlink() or what[0] == "absent":
            continue
        if what[0] == "file":
            place.write_bytes(what[2])
        elif what[0] == "link":
            place.symlink_to(what[1])
        else:
            place.mkdir()
        if what[0] != "link":
            place.chmod(what[1])


def clear(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    elif os.path.lexists(place):
        place.unlink()


def keep(root: Path, *paths: str, commands: Commands | None = None) -> Path:
    folder = root / "var/before"
    snapshot.keep(folder, paths, commands or Noted(), root)
    return folder


def restore(root: Path) -> list[str]:
    return snapshot.restore(root / "var/before", Noted(), root)


@settings(max_examples=200)
@given(trees, trees, st.permutations(PATHS))
def test_whatever_is_done_to_what_was_kept_it_comes_back_as_it_was(
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


@settings(max_examples=50)
@given(trees, trees)
def test_the_digest_tells_whether_anything_that_is_kept_differs(
    one: dict[str, tuple[Any, ...]], other: dict[str, tuple[Any, ...]]
) -> None:
    with host() as root:
        make(root, one)
        had, was = picture(root, PATHS), snapshot.digest(PATHS, b"key", root)
        assert was != snapshot.digest(PATHS, b"another", root)
        make(root, other)
        now = snapshot.digest(reversed(PATHS), b"key", root)
        assert (now == was) == (picture(root, PATHS) == had)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[], Path]]:
    def made() -> Path:
        root = Path(tempfile.mkdtemp(dir=tmp_path))
        (root / "etc/shop").mkdir(parents=True)
        for name in ("env", "more"):
            (root / "etc/shop" / name).write_text(f"{name} as it was")
        (root / "etc/shop/link").symlink_to("env")
        return root

    yield made


KEPT = ("/etc/shop/env", "/etc/shop/link")
LATER = ("/etc/shop/env", "/etc/shop/more", "/etc/shop/new")
ALL = {*KEPT, *LATER}


def spoil(root: Path, *paths: str) -> None:
    for path in paths:
        clear(root / path[1:])
        (root / path[1:]).write_text("spoilt")
        (root / f"{path[1:]}.homeport-new").write_text("in wait")
    (root / "etc/shop/.homeport-stage").mkdir(exist_ok=True)


def test_a_keep_that_is_cut_off_anywhere_takes_nothing_from_what_was_kept_before(
    fresh: Callable[[], Path],
) -> None:
    def work(root: Path) -> None:
        keep(root, *LATER)

    def ready() -> Path:
        root = fresh()
        had.update({root: picture(root, sorted(ALL))})
        keep(root, *KEPT)
        spoil(root, *KEPT)
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


def test_a_restore_that_is_cut_off_anywhere_is_done_by_the_next(fresh: Callable[[], Path]) -> None:
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


def test_the_first_image_wins(fresh: Callable[[], Path]) -> None:
    root = fresh()
    keep(root, "/etc/shop/env")
    spoil(root, "/etc/shop/env")
    keep(root, "/etc/shop/env", "/etc/shop//env", "/etc/shop/./env")
    restore(root)
    assert (root / "etc/shop/env").read_text() == "env as it was"


def test_what_another_snapshot_has_takes_no_more_room_and_stays_when_that_is_gone(
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


def test_what_is_kept_is_for_nobody_else_to_read(fresh: Callable[[], Path]) -> None:
    folder = keep(fresh(), *ALL)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert "as it was" not in (folder / "index").read_text()


def test_a_directory_that_is_new_stays_if_somebody_has_filled_it(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    keep(root, "/srv/shop", "/srv/shop/file")
    (root / "srv/shop").mkdir(parents=True)
    (root / "srv/shop/file").touch()
    (root / "srv/shop/data").write_text("the application's own")
    assert restore(root) == ["/srv/shop", "/srv/shop/file"]
    assert [path.name for path in (root / "srv/shop").iterdir()] == ["data"]


def test_a_path_that_leads_nowhere_or_is_no_file_is_refused_before_anything_is_kept(
    fresh: Callable[[], Path],
) -> None:
    root = fresh()
    os.mkfifo(root / "etc/pipe")
    for path in ("/etc/pipe", "etc/shop", ""):
        with pytest.raises(SnapshotError):
            keep(root, "/etc/shop/env", path)
    assert snapshot.entries(root / "var/before") == []


def unit(root: Path, *wanted_by: str) -> None:
    (root / WEB[1:]).parent.mkdir(parents=True, exist_ok=True)
    (root / WEB[1:]).write_text("[Service]\n")
    for target in wanted_by:
        (root / WEB[1:]).with_name(f"{target}.wants").mkdir(exist_ok=True)
        (root / WEB[1:]).with_name(f"{target}.wants").joinpath(Path(WEB).name).symlink_to(WEB)


def test_of_a_unit_it_is_kept_whether_it_starts_at_boot_and_whether_it_runs(
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


def test_a_unit_starts_at_boot_as_it_did_before(fresh: Callable[[], Path]) -> None:
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


def test_a_host_that_does_not_say_what_runs_has_nothing_kept_and_nothing_taken_for_stopped(
    fresh: Callable[[], Path],
) -> None:
    class Silent(Noted):
        def run(self, *given: Any, **named: Any) -> CompletedCommand:
            return CompletedCommand(1, "", "Failed to connect to bus")

    root = fresh()
    with pytest.raises(SnapshotError, match="Failed to connect to bus"):
        keep(root, WEB, commands=Silent())
    assert snapshot.entries(root / "var/before") == []


def test_a_systemd_that_does_not_read_its_units_anew_is_told(fresh: Callable[[], Path]) -> None:
    root = fresh()
    folder = keep(root, WEB)
    with pytest.raises(SnapshotError, match="daemon-reload: it is broken"):
        snapshot.restore(folder, Noted(failing={"systemctl daemon-reload"}), root)


def test_the_hosts_key_is_made_once_and_is_its_own(tmp_path: Path) -> None:
    made = snapshot.key(tmp_path / "state/key")
    assert len(made) == 32
    assert snapshot.key(tmp_path / "state/key") == made
    assert (tmp_path / "state/key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "state/key").write_bytes(b"torn")
    assert snapshot.key(tmp_path / "state/key") not in (made, b"torn")


def test_what_has_become_of_no_kind_that_is_kept_is_put_back_as_well(
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
