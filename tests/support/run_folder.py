"""What tests of several modules share: run folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CONFIG = f"""\
import atexit, sys
sys.path.insert(0, {str(PROJECT)!r})
from homeport.pyinfra_adapter.shutdown import exit_fast
class Late:
    def __del__(self):
        print("taken apart")
sys.modules["late"] = late = Late()
atexit.register(print, "at exit")
exit_fast()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.py").write_text(CONFIG)
    (tmp_path / "hosts.py").write_text('hosts = ["@local"]\n')
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", "-m", "pyinfra", "-y", "hosts.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
