"""Measure a no-op on many simulated hosts: `python -m lab up staging`, then this."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.arguments import counts, positive
from benchmarks.scale import running
from benchmarks.scale.figures import Figures, table
from homeport.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--hosts", type=counts, default=[10, 100, 1000], metavar="N,N,...")
    parser.add_argument("--rounds", type=positive, default=3, help="runs that a median is of")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help=DELAY)
    parser.add_argument("--record", default="staging", metavar="HOST", help=RECORD)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go as well")
    parser.add_argument("--profile", type=Path, metavar="FILE", help=PROFILE)
    chosen = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="homeport-scale-") as folder:
            measured = list(_measure(chosen, Path(folder)))
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    if chosen.json:
        figures = [each.as_json() for each in measured]
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")
    for line in table(measured):
        print(line)
    return 0


DELAY = "what a connection takes, and each command; 0 shows the controller's own time"
RECORD = "host of the lab that is deployed to, and whose answers the simulated ones give"
PROFILE = "where cProfile's statistics of a no-op on the most hosts go"


def _measure(chosen: argparse.Namespace, folder: Path) -> Iterator[Figures]:
    _say(f"deploying to {chosen.record}, to record it")
    recording = running.record(chosen.record, folder)
    for count in chosen.hosts:
        inventory = running.inventory(recording, count, chosen.delay, folder)
        pairs = []
        for number in range(chosen.rounds):
            _say(f"{count} hosts, {number + 1} of {chosen.rounds}")
            floor = running.pyinfra([inventory, *running.FLOOR], folder)
            pairs.append((floor, running.no_op(inventory, count, folder)))
        if chosen.profile and count == max(chosen.hosts):
            _say("once more, with a profile")
            running.no_op(inventory, count, folder, chosen.profile)
        yield Figures.of(count, chosen.delay, pairs)


def _say(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
