"""Measure what users notice of releases: `make bench-load`, or --quick for five of each.

It writes docs/performance.md anew; with --quick it only tells.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lab
from benchmarks.load.authority import Authority
from benchmarks.load.bare_server import plain
from benchmarks.load.campaign import Bytes, Campaign, Measured, line
from benchmarks.load.figures import figures
from benchmarks.load.generator import generating
from benchmarks.load.latency import away
from benchmarks.load.load import Plan
from benchmarks.load.samples import read
from benchmarks.load.stage import Stage
from benchmarks.load.work import SAMPLE, Work
from benchmarks.page import MEASURED, PAGE, page
from homeport.errors import UserError
from lab import paths
from lab.privilege import is_root
from lab.state import replace

LAB = "bench-load"
AMD64, PI = "h1", "pi"
RATE, EMULATED = 200.0, 20.0
"""Requests a second; an emulated processor is twenty times slower, and TLS is work."""

NEAR, FAR = 0.0, 0.04
WHOLE, QUICK = 100, 5
PLAIN = 15.0
"""Seconds of load on a plain server."""

Say = Callable[[str], None]
Figures = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} of each, without the Pi")
    parser.add_argument("--times", type=int, default=WHOLE, help=f"of each; {WHOLE} without it")
    parser.add_argument("--json", type=Path, help="where the figures go, as they come")
    parser.add_argument("--keep", action="store_true", help="leave the hosts running at the end")
    chosen = parser.parse_args(arguments)
    if not is_root():
        print("Error: the hosts need root. Fix: run it with sudo.", file=sys.stderr)
        return 1
    os.environ["HOMEPORT_LAB"] = LAB
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {words}", file=sys.stderr, flush=True)

    try:
        folder = paths.cache_directory() / f"bench-{paths.place().id}"
        folder.mkdir(parents=True, exist_ok=True)
        times = QUICK if chosen.quick else chosen.times
        file = chosen.json or folder / "measured.json"
        found = measure(times, folder, say, lambda it: _write(file, it), with_pi=not chosen.quick)
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
    if not chosen.quick:
        known = {**json.loads(MEASURED.read_text()), "releases": found}
        _write(MEASURED, known)
        replace(PAGE, page(known))
    return 0


def measure(
    times: int, folder: Path, say: Say, keep: Callable[[Figures], None], *, with_pi: bool
) -> Figures:
    """Return all figures, of so many deploys and rollbacks; a tenth of that on the Pi.

    + keep: is given what is there so far, again and again: it takes hours
    """
    found: Figures = {"busy": os.getloadavg()[2], "processors": os.cpu_count(), "measured": []}
    found |= {"bytes": [], "walls": {}}

    def add(to: str, each: Iterable[Measured | Bytes]) -> None:
        for one in each:
            found[to].append(asdict(one))
            keep(found)

    found["plain"] = []
    add("plain", _plain(folder, say))
    lab.up([lab.parse(AMD64), *([lab.parse(f"{PI}=arm64")] if with_pi else [])])
    here = Campaign(Stage(AMD64, folder), Work(folder / "ticker"), RATE, say)
    here.begin()
    for rtt in (NEAR, FAR):
        add("measured", _all(here, rtt, times))
    add("bytes", [here.bytes(), _sample(here.stage, folder, say).bytes()])
    if with_pi:
        there = Campaign(Stage(PI, folder), Work(folder / "ticker-pi"), EMULATED, say)
        sample = _sample(there.stage, folder, say)
        found["walls"][there.stage.reach.architecture] = sample.quiet(max(3, times // 20))
        there.begin()
        add("measured", _all(there, FAR, max(1, times // 10)))
    return found


def _all(campaign: Campaign, rtt: float, times: int) -> Iterator[Measured]:
    half = max(1, times // 2)
    yield campaign.deploys(rtt, times)
    yield campaign.rollbacks(rtt, max(1, times - half), running=True)
    yield campaign.rollbacks(rtt, half, running=False)
    yield campaign.crashes(rtt, max(2, times // 10))
    with campaign.repeating():
        yield campaign.crashes(rtt, max(2, times // 10), "crashes, retry_non_idempotent: true")


def _sample(stage: Stage, folder: Path, say: Say) -> Campaign:
    campaign = Campaign(stage, Work(folder / f"sample-{stage.name}", SAMPLE), RATE, say)
    campaign.begin()
    return campaign


def _write(path: Path, found: Figures) -> None:
    replace(path, json.dumps(found, indent=1) + "\n")


def _plain(folder: Path, say: Say) -> list[Measured]:
    found = []
    with plain(Authority(folder / "plain")) as server:
        for rtt in (NEAR, FAR):
            with away(server, rtt) as target, generating(target, Plan(RATE), folder / "samples"):
                time.sleep(PLAIN)
            measured = Measured("plain server", "amd64", RATE, rtt, 0, [0.0])
            measured.figures = figures(read(folder / "samples"))
            say(line(measured))
            found.append(measured)
    if any(each.figures and each.figures.failures for each in found):
        raise UserError(
            "requests fail on a plain server", fix="try it on a machine with less to do"
        )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
