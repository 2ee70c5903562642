"""What tests of several modules share: changed trees."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.system.subprocesses import Commands
from tests.support.rehearsed_host import Noted

PATHS = (
    "/etc/shop", "/etc/shop/env", "/etc/shop/more", "/etc/shop/more/deep",
    "/etc/shop.conf", "/srv/current", "/etc/systemd/system/shop-web.service",
)  # fmt: skip
WEB = "/etc/systemd/system/shop-web.service"

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


FIRST = ("/etc/shop/env", "/etc/shop/link")
LATER = ("/etc/shop/env", "/etc/shop/more", "/etc/shop/new")
ALL = {*FIRST, *LATER}


def spoil(root: Path, *paths: str) -> None:
    for path in paths:
        clear(root / path[1:])
        (root / path[1:]).write_text("spoilt")
        (root / f"{path[1:]}.homeport-new").write_text("in wait")
    (root / "etc/shop/.homeport-stage").mkdir(exist_ok=True)


def unit(root: Path, *wanted_by: str) -> None:
    (root / WEB[1:]).parent.mkdir(parents=True, exist_ok=True)
    (root / WEB[1:]).write_text("[Service]\n")
    for target in wanted_by:
        (root / WEB[1:]).with_name(f"{target}.wants").mkdir(exist_ok=True)
        (root / WEB[1:]).with_name(f"{target}.wants").joinpath(Path(WEB).name).symlink_to(WEB)
