"""A lab of its own with three hosts alike, to be deployed to in batches."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import lab
from tests.e2e.lab.project import Project, lab_command

HOSTS = ("laptop", "staging", "web")
"""In the order in which inventories/lab.py has them: by group."""


@contextmanager
def fleet_lab() -> Iterator[None]:
    """Bring up a lab beside the one of the other promises: they deploy to all hosts of theirs."""
    before = os.environ["HOMEPORT_LAB"]
    os.environ["HOMEPORT_LAB"] = f"{before}-fleet"
    try:
        lab_command("up", "laptop", "staging", "web=amd64")
        yield
    finally:
        lab_command("down")
        os.environ["HOMEPORT_LAB"] = before


@dataclass(frozen=True)
class Rolled:
    """How a rollout ended, and all that it said."""

    code: int
    output: str

    @property
    def turns(self) -> list[str]:
        """Return the hosts of each batch."""
        return re.findall(r"^--> Batch: (.*)$", self.output, re.MULTILINE)

    @property
    def table(self) -> dict[str, tuple[str, str, str]]:
        """Return what the table says of each host: release, outcome, last deploy."""
        rows = self.output.rpartition("last deploy there\n")[2].splitlines()
        cells = [re.split(r"\s{2,}", row.strip(), maxsplit=3) for row in rows if row.strip()]
        return {host: (release, outcome, last) for host, release, outcome, last in cells}


def roll_out(project: Project, *options: str, until: str | None = None) -> Rolled:
    """Roll out as a user would, who types Ctrl-C as soon as it says this."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "homeport.rollout", "inventories/lab.py", "-y", *options],
        cwd=project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdout is not None
        output = ""
        for line in process.stdout:
            output += line
            if until is not None and until in line:
                until = None
                # As a terminal does: all that run in it are told.
                os.killpg(process.pid, signal.SIGINT)
    assert until is None, f"it never came to {until}"
    return Rolled(process.returncode, output)


def current(host: str) -> str:
    """Return which release is current on a host."""
    return lab.run(host, "basename $(readlink /srv/pinboard/current)").stdout.strip()
