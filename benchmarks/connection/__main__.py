"""Measure what reaching hosts costs: pyinfra over @ssh, and over @openssh, on servers of ours."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.arguments import counts, positive
from benchmarks.connection.campaign import Campaign, Run, may_open_many_files
from benchmarks.connection.figures import cells, table
from benchmarks.connection.job import EXEC, JOBS
from benchmarks.connection.servers import serving
from benchmarks.page import MEASURED, PAGE, page
from homeport.errors import UserError
from lab.privilege import is_root
from lab.state import replace

NEAR, FAR = 0.0, 0.05
"""Seconds that the way adds to each round trip."""

Say = Callable[[str], None]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.connection", description=__doc__)
    parser.add_argument("--hosts", type=counts, default=[1, 10, 100], metavar="N,N,...")
    parser.add_argument("--rounds", type=positive, default=5, help="runs that a median is of")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go as well")
    parser.add_argument("--page", action="store_true", help="write docs/performance.md anew")
    chosen = parser.parse_args(arguments)
    if not is_root():
        print("Error: what counts CPU needs root. Fix: run it with sudo.", file=sys.stderr)
        return 1
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {words}", file=sys.stderr, flush=True)

    try:
        found = measured(chosen.hosts, chosen.rounds, say)
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    for line in table(list(cells(found["runs"]))):
        print(line)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")
    if chosen.page:
        known = {**json.loads(MEASURED.read_text()), "connection": found}
        replace(MEASURED, json.dumps(known, indent=1) + "\n")
        replace(PAGE, page(known))
    return 0


def measured(hosts: Sequence[int], rounds: int, say: Say) -> dict[str, Any]:
    """Return all figures as plain data; raises ``UserError``."""
    busy = os.getloadavg()[2]
    # The path of a socket has 108 bytes at most.
    with tempfile.TemporaryDirectory(prefix="hp-connection-", dir="/tmp") as name:
        runs = [asdict(run) for run in _measured(hosts, rounds, Path(name), say)]
    return {"busy": busy, "processors": os.cpu_count(), "runs": runs}


def _measured(hosts: Sequence[int], rounds: int, folder: Path, say: Say) -> Iterator[Run]:
    may_open_many_files()
    with serving(max(hosts), folder) as servers:
        campaign = Campaign(folder, servers, say)
        say(f"{max(hosts)} servers listen; a first run of each way, which doesn't count")
        list(campaign.cell(EXEC, 1, NEAR, 1))
        for job in JOBS:
            for count in sorted({min(count, job.most or count) for count in hosts}):
                for rtt in (NEAR, FAR):
                    yield from campaign.cell(job, count, rtt, rounds)


if __name__ == "__main__":
    # SIGTERM ends the servers and the logins, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
