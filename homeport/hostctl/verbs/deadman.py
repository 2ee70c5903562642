"""The dead-man: waits beside an open deploy, and reverts it when its holder is gone.

It sleeps until the connection that holds the deploy ends, or its time is up, by the clock that
doesn't jump. What it woke up for is judged again when no other process is at work: an activation
that took longer than its time, and is well, has all of its time to be confirmed.
"""

from __future__ import annotations

import os
import socket

from ..system.exit_codes import DONE, FAILED, REVERTED
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..system.process_handle import ProcessHandle
from ..transaction import deadman_unit
from ..transaction.journal import Journal
from .context import Context

GRACE = 2.0
"""Seconds: what the connection said last may still be at work."""


def run(host: Context, args: list[str]) -> int:
    """Wait beside a deploy, and revert it if it comes to that: the verb ``watchdog APP ID``.

    Returns DONE, or FAILED if it could not revert all.
    """
    place, deploy_id = host.place(args[0]), args[1]
    deadman_unit.inside.append(place.app)
    try:
        _tell("READY=1")
        while wait_for_holder(host, place, deploy_id):
            with exclusive(place):
                # The process at work meanwhile may have ended it, or come far enough to be renewed.
                if (reason := why_gone(host, place, deploy_id)) is None:
                    continue
                # It is most of this program, and is seldom wanted.
                from . import transitions

                ended = transitions.revert(host, place, reason)
                return DONE if ended in (DONE, REVERTED) else FAILED
        return DONE
    finally:
        deadman_unit.inside.remove(place.app)


def wait_for_holder(host: Context, place: AppPaths, deploy_id: str) -> bool:
    """Wait until a deploy has no holder any more; return False if it is over by then."""
    while (journal := _open(host, place, deploy_id)) is not None:
        left = journal.remaining()
        if not left:
            return True
        holder = ProcessHandle.of(journal.first.get("holder"))
        if holder is None:
            host.clock.sleep(left)
        elif holder.wait(left):
            host.clock.sleep(GRACE)
            return _open(host, place, deploy_id) is not None
    return False


def why_gone(host: Context, place: AppPaths, deploy_id: str) -> str | None:
    """Return why a deploy has no holder now, None if it has one or is over."""
    journal = _open(host, place, deploy_id)
    if journal is None:
        return None
    holder = ProcessHandle.of(journal.first.get("holder"))
    if holder is not None and not holder.alive():
        return "its connection was gone"
    return None if journal.remaining() else "its time was up"


def _open(host: Context, place: AppPaths, deploy_id: str) -> Journal | None:
    journal = host.journal(place)
    return journal if journal is not None and journal.id == deploy_id else None


def _tell(word: str) -> None:
    """Tell systemd, if it is who started us."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            to.send(word.encode())
