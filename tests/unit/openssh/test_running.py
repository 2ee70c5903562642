"""A command that is given up is ended where it runs, with all that it has started."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from homeport.openssh import running
from homeport.openssh.marks import Marks

TREE = "sh -c 'trap \"\" TERM; sleep 30 & echo $! >{}; wait'"


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()


def test_running__the_group_of_a_command_is_ended(tmp_path: Path) -> None:
    marks = Marks()
    script = marks.around(TREE.format(tmp_path / "child"))
    command = ["sh", "-c", script]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stderr
        marks.take("stderr", process.stderr.readline())
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text().strip():
            time.sleep(0.01)
        child = int((tmp_path / "child").read_text())
        running.remember(marks, lambda text: subprocess.run(["sh", "-c", text], check=True))
        running.end_all()
        deadline = time.monotonic() + 5
        while is_alive(child) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_alive(child)
        process.wait(5)
    assert marks.pid == process.pid


def test_running__one_that_has_ended_is_left_alone() -> None:
    ran: list[str] = []
    marks = Marks(pid=1, code=0)
    running.remember(marks, ran.append)
    running.end(marks)
    other = Marks(pid=1)
    running.remember(other, ran.append)
    running.forget(other)
    running.end_all()
    assert ran == []
