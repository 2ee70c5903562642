"""Room on the disk that is held back, so that there is a way back when it is full."""

from __future__ import annotations

import os
from pathlib import Path

from . import durable

SIZE = 1024 * 1024


class Reserve:
    """A file whose only use is to be removed when the disk is full, and to be made again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def give(self) -> bool:
        """Give it up; return whether that made room."""
        try:
            self.path.unlink()
            # The room is free once the disk knows of it.
            durable.sync_folder(self.path.parent)
        except OSError:
            return False
        return True

    def make(self) -> None:
        """Make it again, if there is room for it and as much again."""
        if self.path.exists() or not self.path.parent.is_dir():
            return
        free = os.statvfs(self.path.parent)
        if free.f_bavail * free.f_frsize < 2 * SIZE:
            return
        try:
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            return
        try:
            os.posix_fallocate(opened, 0, SIZE)
        except OSError:
            self.path.unlink(missing_ok=True)
        finally:
            os.close(opened)
