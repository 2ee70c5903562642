"""A login: tried again where a server turns it away, and given up in time."""

from __future__ import annotations

import socket
import threading

import pytest

from homeport.openssh.login import Login, LoginError


def options(port: int) -> list[str]:
    return ["-F", "none", "-p", str(port), "-o", "BatchMode=yes"]


def test_login__one_that_a_server_turns_away_is_tried_again() -> None:
    tries: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while len(tries) < 3:
                connection, _ = listener.accept()
                tries.append(connection.close())

        threading.Thread(target=hang_up, daemon=True).start()
        login = Login("127.0.0.1", options(listener.getsockname()[1]), 5)
        with pytest.raises(LoginError, match=r"Connection (closed|reset)"):
            login.enter(["-N"], (0.01, 0.01))
    assert len(tries) == 3


def test_login__one_that_no_server_takes_is_not_tried_again() -> None:
    with pytest.raises(LoginError, match="Connection refused"):
        Login("127.0.0.1", options(1), 5).enter(["-N"], (60.0,))


def test_login__one_that_takes_too_long_is_given_up() -> None:
    slow = ["-F", "none", "-o", "ProxyCommand=sleep 20", "-o", "BatchMode=yes"]
    with pytest.raises(LoginError, match=r"longer than 0\.5 s"):
        Login("x", slow, 0.5).enter(["-N"])
