"""A login of a command's own: tried as long as it may help, and refused at once where it can't."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from homeport.openssh import new_login
from homeport.openssh.errors import HostError
from homeport.openssh.limits import Limits
from homeport.openssh.marks import Marks
from tests.support.fake_login import WORD, keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, server

__all__ = ["connect", "keys", "server"]

WIDE = Limits(20, 20, 2**20)


class Clock:
    """The module ``time``, by a clock that shows these times."""

    def __init__(self, times: Iterator[float]) -> None:
        self._times = times

    def monotonic(self) -> float:
        return next(self._times)


def test_new_login__a_host_says_which_ways_lead_in(server: Door, connect: Connect) -> None:
    connector = connect(opened=False)
    assert connector.session.ways_in() == ["publickey"]
    server.passwords["pi"] = WORD
    assert connector.session.ways_in() == ["publickey", "password"]
    closed = connect(opened=False, ssh_port=1)
    with pytest.raises(HostError, match="nothing listens"):
        closed.session.ways_in()


@pytest.mark.parametrize(
    ("data", "tries", "message"),
    [({"ssh_port": 1}, 2, "nothing listens"), ({"ssh_user": "other"}, 0, "it refuses the key")],
)
def test_new_login__only_one_that_may_come_right_is_tried_again(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    data: dict[str, object],
    tries: int,
    message: str,
) -> None:
    pauses: list[float] = []
    clock = iter([0.0, 1.0, 2.0, 100.0])
    monkeypatch.setattr(new_login, "PAUSE", 0.0)
    monkeypatch.setattr(new_login.gevent, "sleep", pauses.append)
    monkeypatch.setattr(new_login, "time", Clock(clock))
    session = connect(opened=False, **data).session
    session.resolve()
    outcome = session.execute("true", (), Marks(), WIDE, anew=True)
    assert (outcome.code, len(pauses)) == (None, tries)
    assert message in outcome.error


def test_new_login__it_is_one_for_each_command(server: Door, connect: Connect) -> None:
    session = connect().session
    assert [session.execute("true", (), Marks(), WIDE, anew=True).code for _ in range(2)] == [0, 0]
    assert logins(server) == 3
