"""What tests of several modules share: lock file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Lock, PythonPlatform, read_lock

Read = Callable[..., Lock]
PI = PythonPlatform("arm64", "3.11", "12")
A, B = "a" * 64, "b" * 64


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str, target: PythonPlatform = PI) -> Lock:
        file = tmp_path / "requirements.txt"
        file.write_bytes(text.encode())
        return read_lock(file, target)

    return read
