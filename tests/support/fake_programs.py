"""Programs of a host, played by scripts that write down how they were called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Programs = Callable[..., str]


def write(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the programs write down how they were called."""
    path = tmp_path / "calls"
    path.touch()
    return path


@pytest.fixture
def programs(tmp_path: Path, log: Path) -> Programs:
    """Put programs in place of the host's; returns the PATH on which they are found first.

    Each is a shell text, run after the call is written down.
    """
    folder = tmp_path / "programs"
    folder.mkdir()

    def programs(**bodies: str) -> str:
        for name, body in bodies.items():
            call = f'echo "{name.replace("_", "-")} $*" >>{log}'
            write(folder, name.replace("_", "-"), f"{call}\n{body}")
        return f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin"

    return programs
