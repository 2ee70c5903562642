"""The unit of the dead-man: armed beside an open deploy, disarmed when that is over.

It is a transient unit of systemd: nothing stays of it.
"""

from __future__ import annotations

from ..protocol import PROGRAM
from ..system.exit_codes import CommandFailed
from ..system.paths import AppPaths
from ..system.subprocesses import Commands

PROPERTIES = (
    "Type=notify",
    # Whatever ends it, it comes back, but for its own word that the deploy is over.
    "Restart=always",
    "RestartPreventExitStatus=0",
    "RestartSec=2",
    "StartLimitIntervalSec=0",
    "OOMScoreAdjust=-900",
)

inside: list[str] = []
"""The applications beside whose deploys this very process waits."""


def unit(app: str) -> str:
    """Return the name of the unit that waits beside a deploy of this application."""
    return f"homeportctl-watchdog-{app}.service"


def arm(place: AppPaths, commands: Commands, deploy_id: str) -> None:
    """Start the dead-man beside this deploy; it waits when this returns. Raises CommandFailed."""
    settings = [word for setting in PROPERTIES for word in ("-p", setting)]
    run = ["systemd-run", "--quiet", "--collect", f"--unit={unit(place.app)}", *settings]
    run += [PROGRAM, "watchdog", place.app, deploy_id]
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
    """Stop the dead-man; where it is itself at work, it ends with that."""
    if place.app not in inside:
        commands.run(["systemctl", "stop", unit(place.app)], timeout=120)
        commands.run(["systemctl", "reset-failed", unit(place.app)], timeout=60)
