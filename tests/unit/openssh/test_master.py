"""A master connection: one at a time, and never one that leads elsewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import gevent
import pytest

from homeport.openssh.login import Login
from homeport.openssh.master import UNSENT, Master
from tests.support.fake_login import keys
from tests.support.fake_ssh_server import Door
from tests.support.short_folder import short_folder
from tests.support.ssh_host import Connect, connect, logins, server

__all__ = ["connect", "keys", "server", "short_folder"]


@pytest.fixture
def login(server: Door, connect: Connect) -> Login:
    there = connect(opened=False).session.destination
    there.resolve()
    return Login(there.target, there.options, 10)


def test_master__two_runs_at_once_log_in_once(
    server: Door, login: Login, short_folder: Path
) -> None:
    master = Master(short_folder / "socket")
    runs = [gevent.spawn(master.open, 5, 10, login.enter) for _ in range(3)]
    gevent.joinall(runs, timeout=20)
    try:
        assert sorted(run.value for run in runs) == [False, False, True]
        assert logins(server) == 1
    finally:
        master.end()
    assert not master.is_alive()


def test_master__where_it_is_gone_a_command_does_not_go_another_way(short_folder: Path) -> None:
    command = [*Master(short_folder / "socket").client, "--", "127.0.0.1", "true"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert done.returncode == 255
    assert UNSENT in done.stderr
