"""A folder whose name leaves room for sockets, wherever pytest keeps its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Yield an empty folder with a short name; a socket's name has 108 bytes (unix(7))."""
    with TemporaryDirectory(prefix="hp-", dir="/tmp") as folder:
        yield Path(folder)
