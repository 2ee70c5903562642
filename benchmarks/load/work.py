"""An application that is deployed under load: a copy that is edited, and how to deploy it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Reach
from benchmarks.contenders.contender import BENCHMARKS, PROJECT, copy
from benchmarks.contenders.with_pyinfra import Homeport
from homeport.errors import UserError

APP = BENCHMARKS / "load/app"
SERVED = "ticker.test"
"""By what name the front of the application answers."""

PATIENCE = 900
REPEAT = "  retry_non_idempotent: true"


@dataclass(frozen=True)
class App:
    """What is deployed.

    + source: the folder of its code, below that of app.yml; edited: a file in there, with a line
      that says which release it is
    + lay: makes a folder what its user has
    """

    name: str
    source: str
    edited: str
    line: str
    lay: Callable[[Path], None]


def _lay_sample(folder: Path) -> None:
    copy(PROJECT / "examples/pinboard", folder / "examples/pinboard")
    shutil.copy(PROJECT / "app.yml", folder)
    (folder / "secrets").mkdir(mode=0o700)
    token = folder / "secrets/pinboard-token"
    token.touch(mode=0o600)
    token.write_text("0123456789abcdef")


TICKER = App("ticker", "source", "ticker/__init__.py", "RELEASE", lambda it: copy(APP, it))
SAMPLE = App("pinboard", "examples/pinboard", "pinboard/__init__.py", "__version__", _lay_sample)


@dataclass(frozen=True)
class Deployed:
    """One run of pyinfra.

    + wall: seconds
    + code, said: how it ended, and what it said
    """

    wall: float
    code: int
    output: str


class Work:
    """A copy of an application, which is edited and deployed."""

    def __init__(self, folder: Path, app: App = TICKER) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.folder, self.app = folder, app
        app.lay(folder)
        # The way in which the other benchmarks deploy as well.
        self._way = Homeport("homeport", "homeport", app.name, 0, "", "", "")

    def release(self, text: str, crash: float | None = None) -> None:
        """Make it another release; one that dies so many seconds after its first visitor.

        It is one word: in an answer, others follow it.
        """
        self._set(self.app.line, f'"{text}"')
        if self.app is TICKER:
            self._set("CRASH", str(crash))

    def repeat(self, *, may: bool) -> None:
        """Have it say whether any request may come twice."""
        file = self.folder / "app.yml"
        lines = [line for line in file.read_text().splitlines() if line != REPEAT]
        at = lines.index("proxy:") + 1
        file.write_text("\n".join([*lines[:at], *([REPEAT] if may else []), *lines[at:], ""]))

    def deploy(self, hosts: Sequence[Reach]) -> Deployed:
        """Deploy it as its user would, and return what came of it."""
        self._way.prepare(self.folder, hosts)
        command = self._way.command(self.folder, hosts)
        begun = time.monotonic()
        done = subprocess.run(
            [Path(sys.executable).with_name(command[0]), *command[1:]],
            cwd=PROJECT,
            env={**os.environ, **self._way.environment(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Deployed(time.monotonic() - begun, done.returncode, done.stdout)

    def converge(self, hosts: Sequence[Reach]) -> Deployed:
        """Deploy it. Raises UserError, with what was said, unless it went well."""
        done = self.deploy(hosts)
        if done.code:
            raise UserError(
                f"a deploy ended with code {done.code}:\n{done.output}", fix="see above"
            )
        return done

    def _set(self, name: str, value: str) -> None:
        file = self.folder / self.app.source / self.app.edited
        edited, times = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", file.read_text())
        if times != 1:
            raise ValueError(f"{file} has no line that says {name}")
        file.write_text(edited)
