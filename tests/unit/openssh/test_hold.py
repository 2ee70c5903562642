"""What must not outlive us ends when we are killed, and not before."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeport.openssh.hold import Hold
from homeport.openssh.master import Master
from tests.support.short_folder import short_folder

__all__ = ["short_folder"]

ROOT = Path(__file__).parents[3]
HELD = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from homeport.openssh.hold import Hold
from homeport.openssh.master import Master
hold = Hold(Master(Path({path!r})))
hold.end_with_us()
if {released}:
    hold.release()
print("ready", flush=True)
time.sleep(30)
"""


@pytest.fixture
def ended(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is there once ssh was run, which ends a master."""
    file = short_folder / "ended"
    (short_folder / "ssh").write_text(f"#!/bin/sh\ntouch {file}\n")
    (short_folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{short_folder}:{os.environ['PATH']}")
    return file


@pytest.fixture
def listening(short_folder: Path) -> Iterator[socket.socket]:
    """The socket of a master."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short_folder / "master"))
        listening.listen()
        listening.settimeout(10)
        yield listening


def killed(path: Path, ended: Path, released: bool) -> None:
    script = HELD.format(root=str(ROOT), path=str(path), released=released)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        assert not ended.exists()
        process.send_signal(signal.SIGKILL)


def test_hold__a_login_ends_when_we_are_killed(
    ended: Path, listening: socket.socket, short_folder: Path
) -> None:
    killed(short_folder / "master", ended, released=False)
    deadline = time.monotonic() + 10
    while not ended.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_hold__one_that_was_released_stays(
    ended: Path, listening: socket.socket, short_folder: Path
) -> None:
    killed(short_folder / "master", ended, released=True)
    time.sleep(0.3)
    assert not ended.exists()


def test_hold__the_master_has_a_client_until_it_is_released(
    listening: socket.socket, short_folder: Path
) -> None:
    hold = Hold(Master(short_folder / "master"))
    client, _ = listening.accept()
    with client:
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        hold.release()
        assert client.recv(1) == b""


def test_hold__a_master_that_has_ended_cannot_be_held(short_folder: Path) -> None:
    with pytest.raises(OSError):
        Hold(Master(short_folder / "master"))
