"""The context of every verb: the host that it works on, and the ways to reach it."""

from __future__ import annotations

import os
import pwd
import re
import sys
from pathlib import Path
from typing import NamedTuple, TextIO

from ..protocol import RESERVED
from ..system.clock import Clock
from ..system.exit_codes import Usage
from ..system.paths import AppPaths
from ..system.subprocesses import Commands
from ..transaction.journal import Journal

APP = re.compile(r"[a-z][a-z0-9-]*")


class Context(NamedTuple):
    """The root that all paths hang below, and what tests put something else for."""

    root: Path = Path("/")
    clock: Clock = Clock()
    commands: Commands = Commands()
    stdin: TextIO = sys.stdin

    def place(self, app: str) -> AppPaths:
        """Return where an application of this name lies. Raises Usage."""
        if not APP.fullmatch(app) or app in RESERVED:
            raise Usage(f"{app!r} is no name of an application")
        return AppPaths(app, self.root)

    def journal(self, place: AppPaths) -> Journal | None:
        """Return the journal of its open deploy, None if none is open."""
        return Journal.load(place, self.clock)


def person() -> str:
    """Return who runs this by hand: the one who became root, where it is known."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
