"""The way to a host: what is lost is found again, and nothing is run twice."""

from __future__ import annotations

import socket
from pathlib import Path

import gevent
import paramiko
import pytest

from homeport.openssh import master, runtime
from tests.support.fake_login import keys, line
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, out, server

__all__ = ["connect", "keys", "server"]


def test_session__a_master_that_died_is_replaced(server: Door, connect: Connect) -> None:
    connector = connect()
    (place,) = (path for path in runtime.directory().iterdir() if path.is_socket())
    assert connector.session._master
    connector.session._master.end()
    assert not place.exists()
    assert out(connector, "echo on")[1] == "on"
    assert logins(server) == 2


def test_session__a_socket_that_was_left_behind_is_replaced(
    server: Door, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connect()
    assert connector.session._master
    path = connector.session._master.path
    connector.session._master.end()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert path.exists()
    assert out(connector, "echo on")[1] == "on"


def test_session__without_a_directory_for_sockets_each_command_logs_in(
    server: Door, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Path:
        raise runtime.NoRuntimeDirectoryError("none")

    monkeypatch.setattr(runtime, "directory", none)
    connector = connect()
    assert out(connector, "echo one")[1] == "one"
    assert logins(server) == 2


@pytest.mark.parametrize("sudo", [False, True])
def test_session__what_a_full_connection_refuses_is_sent_whole_over_another(
    server: Door, connect: Connect, sudo: bool
) -> None:
    server.sessions = 1
    connector = connect()
    first = gevent.spawn(out, connector, "sleep 1")
    gevent.sleep(0.5)
    assert out(connector, "cat", _stdin=["all", "of it"], _sudo=sudo)[1] == "all\nof it"
    assert first.get(timeout=10)[0]
    assert logins(server) == 2


def test_session__a_run_does_not_end_the_connection_that_another_fills(
    server: Door, connect: Connect
) -> None:
    server.sessions = 1
    first = connect(ssh_persist=60)
    busy = gevent.spawn(out, first, "sleep 1")
    gevent.sleep(0.5)
    assert out(connect(ssh_persist=60), "echo on")[1] == "on"
    assert busy.get(timeout=10)[0]
    assert first.session._master
    first.session._master.end()


@pytest.mark.parametrize("persist", [0, 1])
def test_session__a_login_that_is_idle_stays_as_long_as_the_run(
    server: Door, connect: Connect, monkeypatch: pytest.MonkeyPatch, persist: int
) -> None:
    monkeypatch.setattr(master, "LEAST", 1)
    connector = connect(ssh_persist=persist)
    idle = connector.session._master
    assert idle
    gevent.sleep(3)
    assert idle.is_alive()
    connector.disconnect()
    gevent.sleep(3)
    assert not idle.is_alive()


def test_session__a_login_is_held_alone_where_the_shared_one_takes_no_command(
    server: Door, connect: Connect
) -> None:
    server.sessions = 1
    first = connect(ssh_persist=60)
    busy = gevent.spawn(out, first, "sleep 2")
    gevent.sleep(0.5)
    second = connect(ssh_persist=60)
    assert out(second, "echo beside it")[1] == "beside it"
    assert second.session.hold()
    before = logins(server)
    assert out(second, "echo held")[1] == "held"
    assert logins(server) == before
    alone = second.session._master
    second.disconnect()
    assert alone
    assert not alone.is_alive()
    assert busy.get(timeout=10)[0]
    assert first.session._master
    assert first.session._master.is_alive()
    first.session._master.end()


def test_session__what_a_shared_login_refuses_while_it_is_held_goes_by_one_that_lasts(
    server: Door, connect: Connect
) -> None:
    server.sessions = 1
    first, second = connect(ssh_persist=60), connect(ssh_persist=60)
    assert out(second, "true")[0]
    assert second.session.hold()
    shared = second.session._master
    busy = gevent.spawn(out, first, "sleep 2")
    gevent.sleep(0.5)
    assert out(second, "echo begun")[1] == "begun"
    assert second.session._master != shared
    before = logins(server)
    assert out(second, "echo on")[1] == "on"
    assert logins(server) == before
    assert busy.get(timeout=10)[0]
    second.disconnect()
    assert shared
    assert shared.is_alive()
    shared.end()


def test_session__without_a_directory_for_sockets_no_login_is_held(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Path:
        raise runtime.NoRuntimeDirectoryError("none")

    monkeypatch.setattr(runtime, "directory", none)
    assert not connect().session.hold()


def test_session__another_host_key_is_another_login(
    server: Door, connect: Connect, keys: dict[str, paramiko.PKey], tmp_path: Path
) -> None:
    first = connect(ssh_persist=60)
    assert first.session._master
    path = first.session._master.path
    known = tmp_path / "known_hosts"
    known.write_text(f"{server.known_as} {line(keys['other'])}\n")
    with pytest.raises(Exception, match="its host key has changed"):
        connect(ssh_persist=60)
    assert path.exists()
    first.session._master.end()
