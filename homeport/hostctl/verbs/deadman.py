"""The dead-man: waits beside an open deploy, and reverts it when nobody holds it any more.

It sleeps until the
connection that holds the deploy ends, or its time is up, by the clock that doesn't jump.
"""

from __future__ import annotations

import os
import socket

from ..system.exit_codes import DONE, FAILED, REVERTED
from ..system.mutex import alone
from ..system.paths import AppPaths
from ..system.process_handle import ProcessHandle
from ..transaction import deadman_unit
from ..transaction.journal import Journal
from .context import Context

GRACE = 2.0
"""Seconds: what the connection said last may still be at work."""


def stand(host: Context, args: list[str]) -> int:
    """Wait beside a deploy, and revert it if it comes to that: the verb ``deadman APP ID``."""
    place, id = host.place(args[0]), args[1]  # noqa: A001 - the contract's word for it
    deadman_unit.inside.append(place.app)
    try:
        if (reason := wait(host, place, id)) is None:
            return DONE
        with alone(place):
            # Whoever was at work meanwhile may have ended it, one way or the other.
            if _open(host, place, id) is None:
                return DONE
            # It is most of this program, and is seldom wanted.
            from . import transitions

            return DONE if transitions.revert(host, place, reason) in (DONE, REVERTED) else FAILED
    finally:
        deadman_unit.inside.remove(place.app)


def wait(host: Context, place: AppPaths, id: str) -> str | None:  # noqa: A002 - the contract's word
    """Wait until nobody holds a deploy any more; return why, None if it is over."""
    _tell("READY=1")
    while (journal := _open(host, place, id)) is not None:
        left = journal.remaining()
        if not left:
            return "its time was up"
        holder = ProcessHandle.of(journal.first.get("holder"))
        if holder is None:
            host.clock.sleep(left)
        elif holder.wait(left):
            host.clock.sleep(GRACE)
            return None if _open(host, place, id) is None else "its connection was gone"
    return None


def _open(host: Context, place: AppPaths, id: str) -> Journal | None:  # noqa: A002 - as above
    journal = host.journal(place)
    return journal if journal is not None and journal.id == id else None


def _tell(word: str) -> None:
    """Tell systemd, if it is who started us."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            to.send(word.encode())
