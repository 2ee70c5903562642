"""The dead-man: waits beside an open deploy, and reverts it when nobody holds it any more.

It is a transient unit of systemd: nothing stays when the deploy is over. It sleeps until the
connection that holds the deploy ends, or its time is up, by the clock that doesn't jump.
"""

from __future__ import annotations

import os
import socket

from ..system.exit_codes import DONE, FAILED, REVERTED, CommandFailed
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..system.process_handle import ProcessHandle
from ..system.subprocesses import Commands
from ..transaction.journal import Journal
from .context import Context

PROGRAM = "/usr/local/sbin/homeport"
GRACE = 2.0
"""Seconds: what the connection said last may still be at work."""

PROPERTIES = (
    "Type=notify",
    # Whatever ends it, it comes back, but for its own word that the deploy is over.
    "Restart=always",
    "RestartPreventExitStatus=0",
    "RestartSec=2",
    "StartLimitIntervalSec=0",
    "OOMScoreAdjust=-900",
)

_inside: list[str] = []


def unit(app: str) -> str:
    """Return the name of the unit that waits beside a deploy of this application."""
    return f"homeport-deadman-{app}.service"


def arm(place: AppPaths, commands: Commands, deploy_id: str) -> None:
    """Have it wait beside this deploy; it does when this returns. Raises CommandFailed."""
    settings = [word for setting in PROPERTIES for word in ("-p", setting)]
    run = ["systemd-run", "--quiet", "--collect", f"--unit={unit(place.app)}", *settings]
    run += [PROGRAM, "deadman", place.app, deploy_id]
    done = commands.run(run, timeout=120)
    if done.code:
        # One that waits beside an older deploy is in the way.
        disarm(place, commands)
        done = commands.run(run, timeout=120)
    if done.code:
        raise CommandFailed(f"the dead-man can't be armed: {done.err.strip() or done.code}")


def armed(place: AppPaths, commands: Commands) -> bool:
    """Return whether it waits beside a deploy of this application."""
    return not commands.run(["systemctl", "is-active", "--quiet", unit(place.app)]).code


def disarm(place: AppPaths, commands: Commands) -> None:
    """Have it wait no longer. Where it is itself at work, it ends with that."""
    if place.app not in _inside:
        commands.run(["systemctl", "stop", unit(place.app)], timeout=120)
        commands.run(["systemctl", "reset-failed", unit(place.app)], timeout=60)


def run(host: Context, args: list[str]) -> int:
    """Wait beside a deploy, and revert it if it comes to that: the verb ``deadman APP ID``."""
    place, deploy_id = host.place(args[0]), args[1]
    _inside.append(place.app)
    try:
        if (reason := wait_for_holder(host, place, deploy_id)) is None:
            return DONE
        with exclusive(place):
            # Whoever was at work meanwhile may have ended it, one way or the other.
            if _open(host, place, deploy_id) is None:
                return DONE
            return DONE if host.revert(place, reason) in (DONE, REVERTED) else FAILED
    finally:
        _inside.remove(place.app)


def wait_for_holder(host: Context, place: AppPaths, deploy_id: str) -> str | None:
    """Wait until nobody holds a deploy any more; return why, None if it is over."""
    _tell("READY=1")
    while (journal := _open(host, place, deploy_id)) is not None:
        left = journal.remaining()
        if not left:
            return "its time was up"
        holder = ProcessHandle.of(journal.first.get("holder"))
        if holder is None:
            host.clock.sleep(left)
        elif holder.wait(left):
            host.clock.sleep(GRACE)
            return None if _open(host, place, deploy_id) is None else "its connection was gone"
    return None


def _open(host: Context, place: AppPaths, deploy_id: str) -> Journal | None:
    journal = host.journal(place)
    return journal if journal is not None and journal.id == deploy_id else None


def _tell(word: str) -> None:
    """Tell systemd, if it is who started us."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            to.send(word.encode())
