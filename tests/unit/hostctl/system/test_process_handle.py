"""A process is told apart from a later one of the same number, and its end is not missed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeport.hostctl.system import process_handle
from homeport.hostctl.system.process_handle import ProcessHandle, _living, wait_for_writers

ROOT = Path(__file__).parents[4]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as made:
        yield made
        made.kill()


def of(process: subprocess.Popen[bytes]) -> ProcessHandle:
    found = _living(process.pid)
    assert found is not None
    return found


def test_process_handle__a_process_is_alive_until_it_ends_though_nobody_has_asked_how(
    process: subprocess.Popen[bytes],
) -> None:
    found = of(process)
    assert found.alive()
    assert not found.wait(0)
    threading.Timer(0.1, process.kill).start()
    assert found.wait(None)
    # It is a zombie now: we have not waited for it.
    assert not found.alive()
    process.wait()
    assert not found.alive()
    assert found.wait(0)


def test_process_handle__a_later_process_of_the_same_number_is_another(
    process: subprocess.Popen[bytes],
) -> None:
    before = ProcessHandle(process.pid, of(process).start - 1)
    assert not before.alive()
    assert before.wait(None)
    before.kill()
    assert process.poll() is None


def test_process_handle__a_name_with_anything_in_it_is_read(tmp_path: Path) -> None:
    odd = tmp_path / "a) S 1 (b"
    odd.write_text("#!/bin/sh\nsleep 60 & wait\n")
    odd.chmod(0o755)
    with subprocess.Popen([odd]) as process:
        time.sleep(0.1)
        found = process_handle.stat(process.pid)
        assert found is not None
        assert (found.name, found.parent) == ("a) S 1 (b", os.getpid())
        of(process).kill()


def test_process_handle__a_writer_that_does_not_end_is_killed_with_all_it_started(
    tmp_path: Path,
) -> None:
    script = f"sh -c 'sleep 60 & echo $! > {tmp_path}/pid; wait' & wait"
    with subprocess.Popen(["sh", "-c", script]) as process:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        below = _living(int((tmp_path / "pid").read_text()))
        assert below is not None
        wait_for_writers([of(process)], 0.01)
        assert below.wait(5)
        assert process.wait() == -9


@pytest.mark.parametrize("name", ["sshd", "sshd-session"])
def test_process_handle__the_connection_is_the_nearest_process_that_serves_one(
    tmp_path: Path, name: str
) -> None:
    ask = "from homeport.hostctl.system.process_handle import session; print(session()[0])"
    serving = tmp_path / name
    serving.write_text(f"#!/bin/sh\necho $$; sh -c '{sys.executable} -c \"{ask}\"; true'; true\n")
    serving.chmod(0o755)
    outer = tmp_path / "sub" / "sshd"
    outer.parent.mkdir()
    outer.write_text(f"#!/bin/sh\n{serving}; true\n")
    outer.chmod(0o755)
    output = subprocess.run([outer], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    serving_one, found = output.split()
    assert found == serving_one


def test_process_handle__who_came_by_no_connection_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_handle, "SESSIONS", ("no such name",))
    assert process_handle.session() is None


@pytest.mark.parametrize("record", [None, {}, [], {"pid": "1", "start": 2}, {"pid": 1}])
def test_process_handle__what_tells_of_no_process_is_none(record: object) -> None:
    assert ProcessHandle.of(record) is None
