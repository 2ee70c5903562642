"""The relay passes on what it is given, late by what it was told, and counts it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.latency_proxy import Relay, Traffic

RTT = 0.1


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """Yield the address of a server that says what it hears, and hangs up when its caller does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    while heard := connection.recv(65536):
                        connection.sendall(heard)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)


def say(connection: socket.socket, text: bytes) -> bytes:
    connection.sendall(text)
    heard = b""
    while len(heard) < len(text):
        heard += connection.recv(65536)
    return heard


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_latency_proxy__what_is_sent_arrives_unaltered(echo: tuple[str, int], size: int) -> None:
    text = bytes(n % 251 for n in range(size))
    with Relay([echo], 0) as relay, socket.create_connection(("127.0.0.1", *relay.ports)) as there:
        assert say(there, text) == text
        assert [(t.sent, t.received) for t in relay.counted()] == [(size, size)]


def test_latency_proxy__an_answer_takes_at_least_a_round_trip_longer(echo: tuple[str, int]) -> None:
    with (
        Relay([echo], RTT) as relay,
        socket.create_connection(("127.0.0.1", *relay.ports)) as there,
    ):
        say(there, b"first")
        begun = time.monotonic()
        say(there, b"second")
        # No more than the promise: how much longer it takes is the machine's business.
        assert time.monotonic() - begun >= RTT


def test_latency_proxy__a_turn_is_whoever_waits_for_an_answer_and_speaks_again(
    echo: tuple[str, int],
) -> None:
    with Relay([echo], 0) as relay, socket.create_connection(("127.0.0.1", *relay.ports)) as there:
        for text in (b"one", b"two", b"three"):
            say(there, text)
        assert relay.counted() == [Traffic(11, 11, 3)]
        assert relay.counted() == [Traffic()]


def test_latency_proxy__each_host_is_counted_for_itself(echo: tuple[str, int]) -> None:
    with Relay([echo, echo], 0) as relay:
        second = ("127.0.0.1", relay.ports[1])
        with socket.create_connection(second) as there:
            say(there, b"two")
        assert [traffic.sent for traffic in relay.counted()] == [0, 3]


def test_latency_proxy__who_hangs_up_is_hung_up_on(echo: tuple[str, int]) -> None:
    with Relay([echo], 0) as relay, socket.create_connection(("127.0.0.1", *relay.ports)) as there:
        say(there, b"bye")
        there.shutdown(socket.SHUT_WR)
        assert there.recv(1) == b""


def opened() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_latency_proxy__nothing_stays_open_of_what_both_have_hung_up_on(
    echo: tuple[str, int],
) -> None:
    with Relay([echo], 0) as relay:
        before = opened()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", *relay.ports)) as there:
                say(there, b"something")
        until = time.monotonic() + 10
        while opened() > before and time.monotonic() < until:
            time.sleep(0.01)
        assert opened() <= before


def test_latency_proxy__a_host_that_is_not_there_is_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = closed.getsockname()
    with (
        Relay([address], 0) as relay,
        socket.create_connection(("127.0.0.1", *relay.ports)) as there,
    ):
        assert there.recv(1) == b""
