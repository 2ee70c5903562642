"""The context of each step of a deploy: one application's paths, and the tools for the work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TextIO

from ..protocol import PROGRAM
from ..slots.health_gates import Gates
from ..system.clock import Clock
from ..system.paths import AppPaths
from ..system.subprocesses import Commands
from ..system.systemd import Systemd, UnitFailed
from .context import Context

NGINX, UNIT = "/etc/nginx/", "nginx.service"


def speak(line: str, to: TextIO) -> None:
    """Print a line; if its reader is gone, the work goes on."""
    try:
        print(line, file=to, flush=True)
    except OSError:
        # What could not be said would be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), to.fileno())


@dataclass(frozen=True)
class AppContext:
    """The tools for one application on one host."""

    host: Context
    place: AppPaths

    @property
    def clock(self) -> Clock:
        """The host's clocks."""
        return self.host.clock

    @property
    def commands(self) -> Commands:
        """The runner of programs."""
        return self.host.commands

    @cached_property
    def systemd(self) -> Systemd:
        """The manager of units."""
        return Systemd(self.commands, self.place)

    @cached_property
    def gates(self) -> Gates:
        """The judges of processes."""
        return Gates(self.commands, self.systemd, self.clock, self.place.root)

    def say(self, line: str) -> None:
        """Print how far it has come."""
        speak(line, sys.stdout)

    def proxy(self, paths: Iterable[str]) -> None:
        """Reload nginx, or start it, if any of these is a file of its own. Raises ``UnitFailed``.

        It goes on as it was if they aren't right.
        """
        if not any(path.startswith(NGINX) for path in paths):
            return
        if not self.systemd.active([UNIT]):
            self.start_proxy()
            return
        done = self.commands.run(["nginx", "-t"])
        if done.code == 0:
            done = self.commands.run(["systemctl", "reload", "--", UNIT])
        if done.code:
            raise UnitFailed("nginx can't read its configuration", done.err.splitlines()[-20:])

    def start_proxy(self) -> None:
        """Start nginx if it should run and doesn't. Raises ``UnitFailed``."""
        shown = self.systemd.show([UNIT])[UNIT]
        if shown.enabled and not shown.active:
            self.systemd.start([UNIT])

    def detach(self, unit: str, *words: str) -> None:
        """Run our own program as a unit of its own, which outlives us."""
        self.systemd.detach(unit, PROGRAM, *words)
