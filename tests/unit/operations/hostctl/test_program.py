"""The program runs from where it is shipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from homeport.engine.host_programs import host_program
from homeport.hostctl import protocol
from tests.support.real_delivery import as_root
from tests.support.shipped_hostctl import below, cleared, path, ship

__all__ = ["below", "cleared", "path"]


@as_root
def test_hostctl__it_runs_from_there_with_nothing_else_of_the_project(
    path: str, below: Path
) -> None:
    ship(path)
    command = [sys.executable, "-I", "-B", f"{below}/lib/homeportctl", "no-such-verb"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("homeportctl: usage: ")


def test_hostctl__what_starts_it_finds_the_folder_behind_the_link() -> None:
    text = host_program("homeportctl").decode()
    assert (
        'exec /usr/bin/python3 -I -B "$(cd -P /usr/local/lib/homeportctl && pwd -P)" "$@"' in text
    )
    boot = host_program("homeportctl-boot.service").decode()
    for line in (
        "Before=nginx.service",
        "WantedBy=multi-user.target",
        f"ExecStart={protocol.PROGRAM} boot",
    ):
        assert f"\n{line}\n" in boot
