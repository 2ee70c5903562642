"""A process of ssh: bytes both ways, within limits, and gone when we are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import gevent
import pytest

from homeport.openssh.limits import Limits
from homeport.openssh.process import Ended, run

WIDE = Limits(20, 20, 2**20)


class Taken(list[tuple[str, bytes]]):
    def __call__(self, name: str, chunk: bytes) -> bool:
        self.append((name, chunk))
        return True

    def of(self, name: str) -> bytes:
        return b"".join(chunk for stream, chunk in self if stream == name)


def shell(script: str, limits: Limits = WIDE, stdin: tuple[bytes, ...] = ()) -> tuple[Ended, Taken]:
    taken = Taken()
    return run(["sh", "-c", script], stdin, taken, limits), taken


def test_process__bytes_go_in_and_come_out_as_they_are() -> None:
    data = os.urandom(300_000)
    ended, taken = shell("cat; echo err >&2; exit 3", stdin=(data[:7], data[7:]))
    assert ended == Ended(3)
    assert (taken.of("stdout"), taken.of("stderr")) == (data, b"err\n")


def test_process__one_that_reads_nothing_ends_all_the_same() -> None:
    assert shell("exit 4", stdin=(b"x" * 2**20,))[0] == Ended(4)


@pytest.mark.parametrize(
    ("script", "limits", "message"),
    [
        ("sleep 20", Limits(0.3, 9, 2**20), "not begun after 0.3 s"),
        ("echo; sleep 20", Limits(0.3, 0.5, 2**20), "longer than 0.5 s"),
        ("yes", Limits(9, 9, 10_000), "more than 10000 bytes"),
    ],
)
def test_process__a_limit_ends_it(script: str, limits: Limits, message: str) -> None:
    begun = time.monotonic()
    ended, _ = shell(script, limits)
    assert ended.reached is not None
    assert message in ended.reached
    assert time.monotonic() - begun < 5


def test_process__a_child_that_keeps_the_pipe_is_not_waited_for() -> None:
    begun = time.monotonic()
    assert shell("sleep 20 & exit 0")[0] == Ended(0)
    assert time.monotonic() - begun < 10


def test_process__whatever_ends_us_ends_it() -> None:
    seen: list[int] = []

    def take(name: str, chunk: bytes) -> bool:
        seen.append(int(chunk))
        return True

    work = gevent.spawn(run, ["sh", "-c", "echo $$; exec sleep 20"], (), take, WIDE)
    while not seen:
        gevent.sleep(0.01)
    work.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_process__what_goes_in_is_made_while_it_is_sent() -> None:
    def numbers() -> Iterator[bytes]:
        for number in range(3):
            yield f"{number}\n".encode()

    taken = Taken()
    run(["cat"], numbers(), taken, WIDE)
    assert taken.of("stdout") == b"0\n1\n2\n"
