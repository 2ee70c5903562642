"""pyinfra, as a user runs it, against simulated hosts: what one run takes, and what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale.recording import load
from homeport.errors import Mistake

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = """\
from pathlib import Path

from benchmarks.scale.simulated import simulate

simulate(Path({recording!r}), {delay!r})
_data = {data!r}
{group} = [(f"simulated-{{number:04}}", dict(_data)) for number in range({count})]
"""
FLOOR, NO_OP = ("exec", "--", "true"), ("--json", "-y", "deploy.py")
SCRIPT = "from pyinfra_cli.main import main; main()"


@dataclass(frozen=True)
class Run:
    """What one run of pyinfra took: seconds on the clock and of the processors, MiB at the most."""

    wall: float
    cpu: float
    memory: float


def inventory(folder: Path, recording: Path, count: int, delay: float) -> Path:
    """Write an inventory of simulated hosts, and return where it is."""
    recorded = load(recording.read_text())
    text = INVENTORY.format(
        recording=str(recording),
        delay=delay,
        data=dict(recorded.data),
        group=recorded.group,
        count=count,
    )
    file = folder / f"simulated_{count}.py"
    file.write_text(text)
    return file


def run(arguments: Sequence[str | Path], folder: Path, *, profile: Path | None = None) -> Run:
    """Run pyinfra with these arguments; raises ``Mistake`` if it fails, or changes anything."""
    watched = ["-m", "cProfile", "-o", str(profile)] if profile else []
    script = folder / "pyinfra"
    script.write_text(SCRIPT)
    command = [sys.executable, *watched, str(script), *map(str, arguments)]
    said, told = folder / "said", folder / "told"
    began = time.monotonic()
    with told.open("w") as out, said.open("w") as err, subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    if process.returncode:
        raise Mistake(f"pyinfra failed: {_end(said)}", mend="see what it says")
    if "--json" in arguments:
        _nothing_changed(told)
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _nothing_changed(told: Path) -> None:
    done = json.loads(told.read_text())["results"]
    changed = {each["name"]: each["success"] for each in done["operations"] if each["success"]}
    if changed or done["failed_hosts"] or not done["totals"]["hosts"]:
        what = f"this was no no-op: {changed or done['failed_hosts'] or 'there is no host'}"
        raise Mistake(what, mend="deploy to the host that is recorded, and record it anew")


def _end(said: Path) -> str:
    return " / ".join(said.read_text().splitlines()[-3:])
