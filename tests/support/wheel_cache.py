"""What tests of several modules share: wheel cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Lock, Pinned

MakeWheel = Callable[..., Pinned]
LockOf = Callable[..., Lock]
ARM = "cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
