"""Commands over a master connection: whole, at once, and never sent where none opens a session."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest

from homeport.openssh.channel import BROKEN, HELLO, Channel, UnsentError
from homeport.openssh.login import Login
from homeport.openssh.master import Master
from tests.support.fake_login import keys
from tests.support.fake_ssh_server import Door
from tests.support.short_folder import short_folder
from tests.support.ssh_host import Connect, connect, logins, server

__all__ = ["connect", "keys", "server", "short_folder"]


@pytest.fixture
def master(connect: Connect, short_folder: Path) -> Iterator[Master]:
    """A master connection to a host."""
    there = connect(opened=False).session.destination
    there.resolve()
    master = Master(short_folder / "socket")
    master.open(5, 10, Login(there.target, there.options, 10).enter)
    yield master
    master.end()


def ended(channel: Channel) -> int:
    """Wait for the end of a command; return its exit code."""
    while channel.code is None:
        gevent.sleep(0.01)
    return channel.code


def whole(channel: Channel, number: int) -> bytes:
    """Return all that a command prints."""
    return b"".join(iter(lambda: channel.pipes[number].read(65536), b""))


def test_channel__a_command_has_its_streams_and_its_exit_code(master: Master) -> None:
    channel = Channel(master.path, "cat; echo e >&2; exit 3")
    channel.pipes[0].write(b"a\xff\0")
    channel.pipes[0].close()
    assert (whole(channel, 1), whole(channel, 2), ended(channel)) == (b"a\xff\0", b"e\n", 3)
    channel.close()


def test_channel__several_share_one_login(master: Master, server: Door) -> None:
    channels = [Channel(master.path, f"cat; echo {number}") for number in range(3)]
    for channel in channels:
        channel.pipes[0].close()
    assert [whole(channel, 1) for channel in channels] == [b"0\n", b"1\n", b"2\n"]
    for channel in channels:
        assert ended(channel) == 0
        channel.close()
    assert logins(server) == 1


def test_channel__a_session_that_is_refused_has_sent_nothing(master: Master, server: Door) -> None:
    server.sessions = 0
    with pytest.raises(UnsentError, match="refused"):
        Channel(master.path, "touch /never")
    assert server.ran == []


def test_channel__a_connection_that_breaks_has_no_exit_code_of_a_command(master: Master) -> None:
    channel = Channel(master.path, "cat; sleep 1")
    master.end()
    assert ended(channel) == BROKEN
    channel.close()


def test_channel__what_is_given_up_is_broken(master: Master) -> None:
    channel = Channel(master.path, "cat")
    assert (channel.code, channel.kill(), channel.kill()) == (None, BROKEN, BROKEN)
    channel.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        struct.pack(">II", 2**31, HELLO),
        struct.pack(">III", 8, HELLO, 3),
        struct.pack(">III", 8, HELLO, 4),
        struct.pack(">II", 4, 0x12345678),
    ],
)
def test_channel__what_speaks_otherwise_gets_no_command(answer: bytes, short_folder: Path) -> None:
    path = short_folder / "other"
    with pytest.raises(UnsentError):
        Channel(path, "true")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            end, _ = listening.accept()
            end.sendall(answer)
            end.close()

        serving = gevent.get_hub().threadpool.spawn(serve)
        with pytest.raises(UnsentError):
            Channel(path, "true")
        serving.get()
