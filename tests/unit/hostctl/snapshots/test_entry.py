"""What hostctl.snapshots.entry promises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.snapshots.entry import SnapshotError
from tests.support.kept_trees import fresh, keep

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
