"""A command over pyinfra's own SSH ends at the limits of host data, as over ``@openssh``."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.ssh.bounded import bound


class Channel:
    """A channel of paramiko, whose host sends what an iterator yields."""

    def __init__(self, out: Iterator[bytes], err: Iterator[bytes] | None = None) -> None:
        self.out, self.err, self.closed = out, err or iter(()), False

    def recv(self, size: int) -> bytes:
        gevent.sleep(0)
        return b"" if self.closed else next(self.out, b"")

    def recv_stderr(self, size: int) -> bytes:
        gevent.sleep(0)
        return b"" if self.closed else next(self.err, b"")

    def recv_exit_status(self) -> int:
        return -1 if self.closed else 0

    def close(self) -> None:
        self.closed = True


class Client:
    """A login of paramiko that begins commands late, or that never does."""

    def __init__(self, channel: Channel, delay: float = 0) -> None:
        self.channel, self.delay = channel, delay

    def exec_command(self, command: str, get_pty: bool = False) -> tuple[Any, Any, Any]:
        gevent.sleep(self.delay)
        file = type("File", (), {"channel": self.channel, "close": lambda self: None})()
        return file, file, file


def host(client: Client, **data: object) -> Host:
    hosts: list[Any] = [("@ssh/pi", data)]
    state = State(Inventory((hosts, {})), Config())
    (found,) = state.inventory
    connector: Any = found.connector
    connector.client = client
    bound(found)
    return found


def run(client: Client, timeout: float | None = None, **data: object) -> tuple[bool, list[str]]:
    limit = {"_timeout": timeout} if timeout else {}
    connector = host(client, **data).connector
    done, output = connector.run_shell_command(StringCommand("true"), **limit)  # type: ignore[arg-type] # a dict
    return done, output.output_lines


def endless(chunk: bytes) -> Iterator[bytes]:
    while True:
        yield chunk


def test_bounded__what_a_host_prints_is_read_by_the_line() -> None:
    out = iter([b"one\ntw", b"o\n\nthree ", b"\xff and ", b"more\nlast"])
    done, lines = run(Client(Channel(out)))
    assert done
    assert lines == ["one", "two", "", "three \ufffd and more", "last"]


@pytest.mark.parametrize("chunk", [b"y\n" * 2**15, b"\0" * 2**16, b"\xff\n" * 2**15])
@pytest.mark.parametrize("stream", [0, 1])
def test_bounded__an_answer_without_end_is_ended_in_one_line(chunk: bytes, stream: int) -> None:
    streams: list[Iterator[bytes]] = [iter(()), iter(())]
    streams[stream] = endless(chunk)
    channel = Channel(*streams)
    tracemalloc.start()
    done, lines = run(Client(channel))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not done
    assert channel.closed
    reason = "the command was ended: it printed more than 16777216 bytes. Fix: see what it does"
    assert lines[-1].startswith(reason)
    assert most < 100 * 2**20


def test_bounded__the_limits_are_those_of_host_data() -> None:
    _, lines = run(Client(Channel(endless(b"x"))), ssh_output_limit=10)
    assert "it printed more than 10 bytes" in lines[-1]
    begun = time.monotonic()
    silent = Channel(iter(lambda: gevent.sleep(0.01) or b"x", b""))
    done, lines = run(Client(silent), timeout=0.3)
    assert not done
    assert "it took longer than 0.3 s" in lines[-1]
    assert silent.closed
    _, lines = run(Client(Channel(iter(())), delay=60), ssh_first_byte_timeout=0.2)
    assert "it had not begun after 0.2 s" in lines[-1]
    assert time.monotonic() - begun < 30


def test_bounded__two_commands_at_once_are_counted_apart() -> None:
    class Fresh(Client):
        def exec_command(self, command: str, get_pty: bool = False) -> tuple[Any, Any, Any]:
            self.channel = Channel(iter([b"x" * 8]))
            return super().exec_command(command, get_pty)

    both = host(Fresh(Channel(iter(()))), ssh_output_limit=10)
    works = [
        gevent.spawn(both.connector.run_shell_command, StringCommand("true")) for _ in range(2)
    ]
    gevent.joinall(works, timeout=30)
    assert [work.value[0] for work in works] == [True, True]


def test_bounded__a_command_that_fails_of_itself_fails_as_ever() -> None:
    class Broken(Client):
        def exec_command(self, command: str, get_pty: bool = False) -> tuple[Any, Any, Any]:
            raise OSError("the connection broke")

    with pytest.raises(OSError, match="the connection broke"):
        run(Broken(Channel(iter(()))))
