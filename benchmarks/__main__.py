"""Measure homeport beside its peers: `make bench`, or `make bench-quick` for no-ops alone."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lab
from benchmarks import fleet
from benchmarks.campaign import Campaign, Run
from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.contender import PROJECT
from benchmarks.counting import count
from benchmarks.page import MEASURED, PAGE, lines, page
from benchmarks.plan import FLEET, NEW, ONE, PI, QUICK, WHOLE, Cell
from benchmarks.scenarios import SITUATIONS
from benchmarks.summary import cells
from homeport.errors import UserError
from lab import paths
from lab.privilege import is_root
from lab.state import replace

SCALE = (10, 100, 1000)
APART = ("connection", "releases")
"""Figures that `python -m benchmarks.connection` and `python -m benchmarks.load` measure."""
ON_PI = tuple(one for one in CONTENDERS if one.name in ("homeport", "mitogen"))
"""The others take minutes for each run there."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no-ops of one host; no page")
    parser.add_argument("--keep", action="store_true", help="leave the hosts running at the end")
    chosen = parser.parse_args(arguments)
    if not is_root():
        print("Error: the hosts need root. Fix: run it with sudo.", file=sys.stderr)
        return 1
    fleet.enter()
    begun = time.monotonic()
    try:
        folder = paths.cache_directory() / f"bench-{paths.place().id}"
        folder.mkdir(parents=True, exist_ok=True)
        campaign = Campaign(folder, lambda line: _say(begun, line))
        found = _quick(campaign) if chosen.quick else _whole(campaign)
        # Only if all went well: else it has what was said.
        shutil.rmtree(folder)
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        if not chosen.keep:
            lab.down()
    sys.stdout.writelines(lines(cells([asdict(run) for run in found])))
    return 0


def _quick(campaign: Campaign) -> list[Run]:
    fleet.up(ONE)
    campaign.everywhere(ONE)
    return _measured(campaign, QUICK)


def _whole(campaign: Campaign) -> list[Run]:
    fleet.up([*ONE, f"{PI}=arm64"])
    runs = _measured(campaign, NEW)
    counts = [each for one in SITUATIONS if one.fresh for each in count(campaign, one, ONE[0])]
    campaign.everywhere(ONE)
    campaign.everywhere([PI], ON_PI)
    lab.snapshot(ONE[0], "fleet")
    lab.clone("fleet", FLEET[1:])
    campaign.copied(ONE[0], FLEET[1:])
    runs += _measured(campaign, WHOLE)
    for situation in (one for one in SITUATIONS if not one.fresh):
        counts += count(campaign, situation, ONE[0])
    measured: dict[str, Any] = {
        "machine": _machine(),
        "runs": [asdict(run) for run in runs],
        "counts": [asdict(each) for each in counts],
        "scale": _scale(campaign.folder),
    }
    measured |= {name: known for name, known in _known().items() if name in APART}
    replace(MEASURED, json.dumps(measured, indent=1) + "\n")
    replace(PAGE, page(measured))
    return runs


def _known() -> dict[str, Any]:
    return dict(json.loads(MEASURED.read_text())) if MEASURED.exists() else {}


def _measured(campaign: Campaign, plan: Sequence[Cell]) -> list[Run]:
    return [run for cell in plan for run in campaign.cell(cell)]


def _scale(folder: Path) -> Any:
    figures = folder / "scale.json"
    hosts = ",".join(map(str, SCALE))
    command = [sys.executable, "-m", "benchmarks.scale", "--hosts", hosts, "--record", ONE[0]]
    if subprocess.run([*command, "--json", str(figures)], cwd=PROJECT, check=False).returncode:
        raise UserError("the simulated hosts could not be measured", fix="see what it said above")
    return json.loads(figures.read_text())


def _machine() -> dict[str, str]:
    cpus = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ("pyinfra", "ansible-core", "mitogen")
    return {
        "processors": f"{os.cpu_count()} of {cpus[0].partition(': ')[2] if cpus else 'a kind'}",
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _say(begun: float, line: str) -> None:
    print(f"{time.monotonic() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
