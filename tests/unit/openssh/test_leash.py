"""What must not outlive us ends when we are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
HELD = """
import sys, time
sys.path.insert(0, {root!r})
from homeport.openssh.leash import Leash
leash = Leash(["touch", {file!r}])
if {released}:
    leash.release()
print("ready", flush=True)
time.sleep(30)
"""


def killed(file: Path, released: bool) -> None:
    script = HELD.format(root=str(ROOT), file=str(file), released=released)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        assert not file.exists()
        process.send_signal(signal.SIGKILL)


def test_leash__its_command_runs_when_we_are_killed(tmp_path: Path) -> None:
    killed(tmp_path / "ran", released=False)
    deadline = time.monotonic() + 10
    while not (tmp_path / "ran").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_leash__one_that_was_released_does_nothing(tmp_path: Path) -> None:
    killed(tmp_path / "ran", released=True)
    time.sleep(0.3)
    assert not (tmp_path / "ran").exists()
