"""pyinfra as a user runs it, and what one run of it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scale.recording import load
from homeport.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
FLOOR = ("exec", "--", "true")
NO_OP = ("--json", "-y", "deploy.py")
LAB = "inventories/lab.py"
INVENTORY = """\
from pathlib import Path

from benchmarks.scale.simulated import simulate

simulate(Path({recording!r}), {delay!r})
_data = {data!r}
{group} = [(f"simulated-{{number:04}}", dict(_data)) for number in range({count})]
"""


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock, seconds of processors, MiB at its largest."""

    seconds: float
    cpu: float
    memory: float


def record(host: str, folder: Path) -> Path:
    """Deploy to a host of the lab, record its answer, and return where that is."""
    recording = folder / "recording.json"
    only = ("--limit", host)
    pyinfra([LAB, "deploy.py", "-y", *only], folder)
    deploy_file = "benchmarks/scale/record.py"
    pyinfra([LAB, deploy_file, "-y", *only, "--data", f"recording={recording}"], folder)
    return recording


def inventory(recording: Path, count: int, delay: float, folder: Path) -> Path:
    """Write an inventory of simulated hosts, as the recorded one is, and return where it is."""
    recorded = load(recording.read_text())
    file = folder / f"simulated_{count}.py"
    file.write_text(
        INVENTORY.format(
            recording=str(recording),
            delay=delay,
            data=dict(recorded.data),
            group=recorded.group,
            count=count,
        )
    )
    return file


def no_op(inventory: Path, count: int, folder: Path, profile: Path | None = None) -> Run:
    """Return what a deploy takes; raises ``UserError`` if it is no no-op on so many hosts."""
    run = pyinfra([inventory, *NO_OP], folder, profile)
    judge(json.loads((folder / "stdout").read_text())["results"]["operations"], count)
    return run


def judge(operations: Sequence[Mapping[str, Any]], count: int) -> None:
    """Raise ``UserError`` unless each operation found nothing to change on each of the hosts."""
    if not operations or any(len(each["no_change"]) != count for each in operations):
        changed = ", ".join(f"{each['name']} changed" for each in operations if each["success"])
        what = f"this was no no-op on {count} hosts: {changed or 'it was not done on all'}"
        raise UserError(what, fix="see that the recorded host stays as described")


def pyinfra(arguments: Sequence[str | Path], folder: Path, profile: Path | None = None) -> Run:
    """Run pyinfra, and return what that took; raises ``UserError`` with its last words if it fails.

    What it prints is left in the folder, as ``stdout`` and ``stderr``.
    """
    program = Path(sys.executable).with_name("pyinfra")
    watched = [sys.executable, "-m", "cProfile", "-o", str(profile)] if profile else []
    command = [*watched, str(program), *map(str, arguments)]
    stdout_file, stderr_file = folder / "stdout", folder / "stderr"
    began = time.monotonic()
    with stdout_file.open("w") as out, stderr_file.open("w") as err:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        # Not its own wait: only this one tells what the process used, and no other did.
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = " / ".join(line.strip() for line in stderr_file.read_text().splitlines()[-3:])
        what, _, fix = last.partition(" Fix: ")
        fix = fix.rstrip(".") or "correct that, then measure again"
        raise UserError(f"pyinfra failed: {what.rstrip('.')}", fix=fix)
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
