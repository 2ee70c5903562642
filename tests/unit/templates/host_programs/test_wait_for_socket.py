"""What templates.host_programs.wait-for-socket promises."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.host_shells import HOST, each_shell

# wait-for-socket, publish-socket


def awaited(path: Path, pid: int, shell: Sequence[str] = ("sh",)) -> subprocess.Popen[bytes]:
    env = {"PATH": "/usr/bin:/bin", "MAINPID": str(pid)}
    return subprocess.Popen([*shell, f"{HOST}/wait-for-socket", str(path)], env=env)


@each_shell
def test_wait_for_socket__a_start_lasts_until_there_is_a_socket_that_all_who_get_there_may_use(
    shell: Sequence[str], tmp_path: Path
) -> None:
    path = tmp_path / "web.sock"
    with awaited(path, os.getpid(), shell) as waiting, socket.socket(socket.AF_UNIX) as listening:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.3)
        listening.bind(str(path))
        assert waiting.wait(10) == 0
    assert path.stat().st_mode & 0o777 == 0o666


@each_shell
def test_wait_for_socket__nobody_waits_for_the_socket_of_a_process_that_is_gone(
    shell: Sequence[str], tmp_path: Path
) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    path = tmp_path / "web.sock"
    path.write_text("no socket")
    with awaited(path, gone.pid, shell) as waiting:
        assert waiting.wait(10) == 0
    assert path.stat().st_mode & 0o777 != 0o666
