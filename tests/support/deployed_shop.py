"""Fixtures of the host program's tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from homeport.hostctl.snapshots import in_use
from homeport.hostctl.system import atomic_files
from tests.support.fake_systemd import UNITS
from tests.support.rehearsed_host import Rehearsed
from tests.support.shop_host import Shop
from tests.support.shop_versions import OLD

# How long an example takes says nothing of what it proves.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="module", autouse=True)
def unsynced() -> Iterator[None]:
    """Have no test wait for a disk: that all is synced which must be is proven without one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic_files, "fsync", lambda opened: None)
        yield


@pytest.fixture
def rehearsed(tmp_path: Path) -> Iterator[Rehearsed]:
    """A host that is a folder."""
    yield Rehearsed(tmp_path)
    atomic_files.free_space_hooks.clear()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is such a thing: some tests copy hosts by the hundred."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture
def empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A host, with a systemd that is a table, to which nothing was ever deployed."""
    (folder / "proc").mkdir()
    monkeypatch.setattr(in_use, "PROC", folder / "proc")
    (folder / "host" / UNITS).mkdir(parents=True)
    yield Shop(folder / "host")
    atomic_files.free_space_hooks.clear()


@pytest.fixture
def shop(empty: Shop) -> Shop:
    """The same, to which a first version was deployed, some time ago."""
    assert empty.deploy(OLD) == 0
    empty.settle()
    empty.whole(OLD)
    return empty
