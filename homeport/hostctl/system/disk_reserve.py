"""Room on the disk that is held back, so that there is a way back when it is full."""

from __future__ import annotations

import os
from pathlib import Path

from . import atomic_files

PIECE, PIECES = 64 * 1024, 16


class Reserve:
    """A folder of files whose only use is to be removed when the disk is full, and made again.

    They go one at a time: whatever fills the disk takes what is free, and more than once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def give(self) -> bool:
        """Give up a piece of it; return whether that made room."""
        try:
            piece = next(self.path.iterdir(), None)
            if piece is None:
                return False
            piece.unlink()
            # The room is free once the disk knows of it.
            atomic_files.sync_folder(self.path)
        except OSError:
            return False
        return True

    def make(self) -> None:
        """Make again what is missing of it, if there is room for twice as much."""
        missing = [piece for n in range(PIECES) if not (piece := self.path / str(n)).exists()]
        if not missing or not self.path.parent.is_dir():
            return
        free = os.statvfs(self.path.parent)
        if free.f_bavail * free.f_frsize < 2 * PIECE * PIECES:
            return
        try:
            self.path.mkdir(0o700, exist_ok=True)
            for piece in missing:
                _make(piece)
        except OSError:
            return


def _make(piece: Path) -> None:
    opened = os.open(piece, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(opened, 0, PIECE)
    except OSError:
        piece.unlink()
        raise
    finally:
        os.close(opened)
