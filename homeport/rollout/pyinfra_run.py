"""pyinfra, run by the interpreter that runs this, and what it reports of its hosts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeport.errors import UserError
from homeport.rollout import environment, report
from homeport.rollout.report import HostReport

PATIENCE = 5.0
"""Seconds until a run gets the interrupt from us, if the terminal may not have sent it one."""
REVERTING = 120.0
"""Seconds that an interrupted run gets to revert its hosts."""


@dataclass(frozen=True)
class PyinfraResult:
    """The exit code of a run, its report (None without one), and its stderr if it was quiet."""

    code: int
    hosts: tuple[HostReport, ...] | None
    output: str = ""
    interrupted: bool = False


def run(
    arguments: Sequence[str], *, quiet: bool = False, only_check: bool = False
) -> PyinfraResult:
    """Run pyinfra to its end; return its exit code, report and output.

    An interrupt by the user first lets it revert its hosts, and ends it if it doesn't stop.
    Raises ``UserError`` if pyinfra can't be run.

    + quiet: return its stderr, and show nothing
    + only_check: check all descriptions, and connect to no host
    """
    program = Path(sys.executable).with_name("pyinfra")
    with tempfile.TemporaryDirectory(prefix="homeport-") as folder:
        file = Path(folder) / "report.json"
        variables = {**os.environ, environment.REPORT: str(file)}
        if only_check:
            variables[environment.ONLY_CHECK] = "yes"
        try:
            process = subprocess.Popen(
                [str(program), *arguments],
                env=variables,
                stdin=subprocess.DEVNULL if quiet else None,
                stdout=subprocess.DEVNULL if quiet else None,
                stderr=subprocess.PIPE if quiet else None,
                text=True,
            )
        except OSError as error:
            fix = "run this with .venv/bin/python"
            raise UserError(f"{program} can't be run: {error.strerror}", fix=fix) from None
        output, interrupted = _followed(process)
        return PyinfraResult(process.returncode, report.read(file), output, interrupted)


def _endings() -> Iterator[tuple[signal.Signals | None, float | None]]:
    yield None, None
    # Ctrl-C at a terminal reaches both of us, and a run that gets it twice reverts nothing.
    yield None, REVERTING if sys.stdin.isatty() else PATIENCE
    yield signal.SIGINT, REVERTING
    yield signal.SIGTERM, PATIENCE
    yield signal.SIGKILL, None


def _followed(process: subprocess.Popen[str]) -> tuple[str, bool]:
    interrupted = False
    for ending, patience in _endings():
        if ending is not None:
            process.send_signal(ending)
        try:
            _, output = process.communicate(timeout=patience)
            return output or "", interrupted
        except KeyboardInterrupt:
            interrupted = True
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    return "", interrupted
