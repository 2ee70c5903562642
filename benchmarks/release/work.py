"""The application that is deployed under load: a copy that is edited, and how to deploy it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Reach
from benchmarks.contenders.contender import BENCHMARKS, PROJECT, copy
from benchmarks.contenders.with_pyinfra import Homeport
from homeport.errors import Mistake

APP = BENCHMARKS / "release/app"
NAME, SERVED = "ticker", "ticker.test"
"""What it is called, and by what name its front answers."""

CODE = "source/ticker/__init__.py"
PATIENCE = 900


@dataclass(frozen=True)
class Deployed:
    """One run of pyinfra.

    + wall: seconds
    + code, said: how it ended, and what it said
    """

    wall: float
    code: int
    said: str


class Work:
    """A copy of an application, which is edited and deployed."""

    def __init__(self, folder: Path, source: Path = APP, name: str = NAME) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        copy(source, folder)
        self.folder = folder
        # The way in which the other benchmarks deploy as well.
        self._way = Homeport("homeport", "homeport", name, 0, "", "", "")

    def release(self, text: str, crash: float | None = None) -> int:
        """Make it another release; return the bytes of the file that is another one now.

        + crash: seconds after its first visitor at which it dies
        """
        file = self.folder / CODE
        edited = re.sub(r"(?m)^RELEASE = .*$", f'RELEASE = "{text}"', file.read_text())
        file.write_text(re.sub(r"(?m)^CRASH = .*$", f"CRASH = {crash}", edited))
        return file.stat().st_size

    def deploy(self, hosts: Sequence[Reach]) -> Deployed:
        """Deploy it as its user would, and return what came of it."""
        self._way.prepare(self.folder, hosts)
        begun = time.monotonic()
        done = subprocess.run(
            [Path(sys.executable).with_name("pyinfra"), *self._way.command(self.folder, hosts)[1:]],
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
        """Deploy it. Raises Mistake, with what was said, unless it went well."""
        done = self.deploy(hosts)
        if done.code:
            raise Mistake(f"a deploy ended with code {done.code}:\n{done.said}", mend="see above")
        return done
