"""Room that is held back is there when it is wanted, and never takes the last of it itself."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from homeport.hostctl.system.disk_reserve import PIECE, PIECES, Reserve


def test_disk_reserve__it_is_given_up_piece_by_piece_and_made_again(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / ".reserve")
    assert not reserve.give()
    reserve.make()
    assert sum(piece.stat().st_size for piece in reserve.path.iterdir()) == 1024 * 1024
    count = 0
    while reserve.give():
        count += 1
    assert count == PIECES
    reserve.make()
    assert len(list(reserve.path.iterdir())) == PIECES


def test_disk_reserve__it_takes_no_room_where_there_is_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(f_bavail=2 * PIECES * PIECE // 512 - 1, f_frsize=512)
    monkeypatch.setattr(os, "statvfs", lambda path: free)
    Reserve(tmp_path / ".reserve").make()
    assert list(tmp_path.iterdir()) == []


def test_disk_reserve__a_piece_for_which_there_is_no_room_is_not_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "posix_fallocate", full)
    Reserve(tmp_path / ".reserve").make()
    assert list((tmp_path / ".reserve").iterdir()) == []


def test_disk_reserve__a_host_without_anything_of_ours_gets_no_reserve(tmp_path: Path) -> None:
    Reserve(tmp_path / "homeport/.reserve").make()
    assert list(tmp_path.iterdir()) == []
