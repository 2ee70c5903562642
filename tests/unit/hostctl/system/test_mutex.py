"""What hostctl.system.mutex promises."""

from __future__ import annotations

import fcntl

from homeport.hostctl.system.mutex import exclusive
from tests.support.rehearsed_host import Rehearsed


def test_mutex__whoever_is_alone_stays_so_and_lets_go_at_the_end(rehearsed: Rehearsed) -> None:
    with exclusive(rehearsed.place):
        with exclusive(rehearsed.place):
            assert _taken(rehearsed)
        assert _taken(rehearsed)
    assert not _taken(rehearsed)


def _taken(rehearsed: Rehearsed) -> bool:
    with rehearsed.place.mutex.open() as other:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
