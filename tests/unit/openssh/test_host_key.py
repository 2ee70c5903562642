"""The key that a host shows is found without a login, and believed by nobody yet."""

from __future__ import annotations

import paramiko
import pytest

from homeport.openssh.host_key import KINDS, offered
from homeport.openssh.login import Login, LoginError
from tests.support.fake_login import keys, line
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import connect, server

__all__ = ["connect", "keys", "server"]


def login(port: int) -> Login:
    return Login("127.0.0.1", ["-F", "none", "-p", str(port), "-o", "BatchMode=yes"], 10)


def test_host_key__a_server_shows_a_key_of_the_kinds_that_it_has(
    server: Door, keys: dict[str, paramiko.PKey]
) -> None:
    found = [offered(login(server.port), kinds) for kinds in KINDS[1:2]]
    assert found == [line(keys["host"])]
    assert server.tried == []


def test_host_key__a_host_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LoginError, match="Connection refused"):
        offered(login(1), KINDS[0])
