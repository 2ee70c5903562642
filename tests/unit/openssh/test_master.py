"""A master connection: one at a time, and never one that leads elsewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import gevent
import pytest

from homeport.openssh.master import UNSENT, Login, LoginError, Master
from tests.support.fake_login import keys
from tests.support.fake_ssh_server import Door
from tests.support.short_folder import short_folder
from tests.support.ssh_host import Connect, connect, logins, server

__all__ = ["connect", "keys", "server", "short_folder"]


@pytest.fixture
def login(server: Door, connect: Connect) -> Login:
    session = connect(opened=False).session
    session.resolve()
    return Login(session.target, session._options, 10)


def never(text: str) -> None:
    return None


def test_master__two_runs_at_once_log_in_once(
    server: Door, login: Login, short_folder: Path
) -> None:
    master = Master(short_folder / "socket")
    runs = [gevent.spawn(master.open, login, 5, never) for _ in range(3)]
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


def test_master__a_login_is_tried_again_as_long_as_it_may(short_folder: Path) -> None:
    tries: list[str] = []

    def again(line: str) -> float | None:
        tries.append(line)
        return 0.01 if len(tries) < 3 else None

    login = Login("127.0.0.1", ["-F", "none", "-p", "1", "-o", "BatchMode=yes"], 5)
    with pytest.raises(LoginError, match="Connection refused"):
        Master(short_folder / "socket").open(login, 5, again)
    assert len(tries) == 3


def test_master__a_login_that_takes_too_long_is_given_up(short_folder: Path) -> None:
    options = ["-F", "none", "-o", "ProxyCommand=sleep 20", "-o", "BatchMode=yes"]
    with pytest.raises(LoginError, match=r"longer than 0\.5 s"):
        Master(short_folder / "socket").open(Login("x", options, 0.5), 5, never)
