"""Fixtures of the host program's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from homeport.release import durable
from tests.unit.release.hosting import Rehearsed

# How long an example takes says nothing of what it proves.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="module", autouse=True)
def unsynced() -> Iterator[None]:
    """Have no test wait for a disk: that all is synced which must be is proven without one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(durable, "sync", lambda opened: None)
        yield


@pytest.fixture
def rehearsed(tmp_path: Path) -> Iterator[Rehearsed]:
    """A host that is a folder."""
    yield Rehearsed(tmp_path)
    durable.relief.clear()
