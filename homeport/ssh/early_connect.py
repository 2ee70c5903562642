"""Connections that are made while the controller works out what its hosts should have.

Connecting is mostly waiting, and describing is all work, so one hides behind the other. pyinfra
asks for its connections later: it is given those that were begun here, and their errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gevent
from gevent.lock import BoundedSemaphore
from pyinfra.api.host import Host

Connecting = Any
"""A greenlet, of which its library says no more."""


def connect_early(hosts: Iterable[Host], parallel: int) -> list[Connecting]:
    """Begin to connect to hosts; return a greenlet for each.

    `parallel` connections are made at a time. Connectors of another kind than SSH wait for
    pyinfra: they may start something, such as a container.
    """
    room = BoundedSemaphore(parallel)
    return [_begin(host, room) for host in hosts]


def _begin(host: Host, room: BoundedSemaphore) -> Connecting:
    connect, failures = host.connector.connect, list[Exception]()

    def connect_now() -> None:
        try:
            with room:
                connect()
        except Exception as error:
            # pyinfra's to tell, and to count, when it asks.
            failures.append(error)

    begun = gevent.spawn(connect_now)

    def connect_as_begun() -> None:
        # Once: after a reboot the host is connected to anew.
        host.connector.connect = connect  # type: ignore[method-assign] # of this host alone
        begun.join()
        if failures:
            raise failures[0]

    host.connector.connect = connect_as_begun  # type: ignore[method-assign] # of this host alone
    return begun
