"""A process that is started has what it is given, and ends as it ends."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

import gevent
import pytest

from homeport.openssh.child import NULL, PIPE, Child


def test_child__its_pipes_are_ours_and_its_exit_code_is_known() -> None:
    child = Child(["sh", "-c", "cat; echo e >&2; exit 3"], (PIPE, PIPE, PIPE))
    ours, output, errors = child.pipes
    ours.write(b"a\xff")
    ours.close()
    assert (output.read(10), errors.read(10)) == (b"a\xff", b"e\n")
    assert child.wait() == 3
    child.close()


def test_child__what_is_no_pipe_is_a_file_or_nothing() -> None:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as another:
        script = f"cat; echo lost; echo kept >&2; test ! -e /proc/self/fd/{another.fileno()}"
        assert Child(["sh", "-c", script], (NULL, NULL, file.fileno())).wait() == 0
        file.seek(0)
        assert file.read() == b"kept\n"


def test_child__it_is_waited_for_while_others_go_on() -> None:
    begun = time.monotonic()
    children = [Child(["sleep", "0.5"]) for _ in range(4)]
    assert children[0].wait(0.05) is None
    assert [each.get() for each in [gevent.spawn(child.wait) for child in children]] == [0] * 4
    assert time.monotonic() - begun < 1.5


def test_child__it_is_killed_once_and_its_signal_is_the_code() -> None:
    child = Child(["sleep", "20"])
    assert child.code is None
    assert (child.kill(), child.kill(), child.code) == (-signal.SIGKILL,) * 3


def test_child__it_has_a_session_of_its_own_and_the_signals_that_others_have() -> None:
    child = Child(["sh", "-c", "kill -s PIPE $$; exit 7"])
    assert os.getsid(child.pid) == child.pid
    assert child.wait() == -signal.SIGPIPE


def test_child__its_environment_is_the_one_that_it_is_given() -> None:
    child = Child(["env"], (NULL, PIPE, NULL), {"PATH": os.environ["PATH"], "A": "b"})
    found = sorted(child.pipes[1].read(4096).decode().split())
    assert found == ["A=b", f"PATH={os.environ['PATH']}"]
    child.kill()
    child.close()


def test_child__a_program_that_is_not_there_leaves_nothing_open() -> None:
    folder = Path("/proc/self/fd")
    before = len(list(folder.iterdir()))
    with pytest.raises(FileNotFoundError):
        Child(["no-such-program-here"], (PIPE, PIPE, PIPE))
    assert len(list(folder.iterdir())) == before
