"""Cut the power of a full machine: `make power-cuts` writes the results to docs/reliability.json.

A run goes on with the numbers that are left. It ends at its time limit, and what it had begun then.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from homeport.errors import UserError
from lab import disk_image
from lab.console import say
from lab.full_machine import FullMachine
from tests.faults.machine.deploy_cuts import PORT, DeployCuts
from tests.faults.machine.model_cuts import ModelCuts
from tests.faults.machine.results import Result, Results
from tests.faults.power_cuts import apart

SEED = 1
MODEL, DEPLOYS = "the model", "what is promised"


def main(arguments: Sequence[str]) -> int:
    """Play the cuts that are left, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.machine", description=__doc__)
    parser.add_argument("--model", type=int, default=20, help="cuts that the model predicts")
    parser.add_argument("--deploys", type=int, default=50, help="cuts of deploys by pyinfra")
    parser.add_argument("--minutes", type=float, default=180, help="after which none is begun")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    deadline, results = time.monotonic() + 60 * chosen.minutes, Results(chosen.seed)
    try:
        image = disk_image.ensure()
        if left := results.left(MODEL, chosen.model):
            with TemporaryDirectory(prefix="homeport-cuts-") as name, apart(Path(name)) as folder:
                cuts = ModelCuts(FullMachine(image, folder), folder, chosen.seed)
                for story, calls in cuts.prepare().items():
                    for call in calls:
                        say("machine", f"{story}: only the model or the machine has {call}")
                _play(results, MODEL, left, lambda n: cuts.play(cuts.drawn(n)), deadline)
        if left := results.left(DEPLOYS, chosen.deploys):
            with TemporaryDirectory(prefix="homeport-cuts-") as name:
                machine = FullMachine(image, Path(name) / "machine", [PORT])
                deploys = DeployCuts(machine, Path(name), chosen.seed)
                try:
                    deploys.prepare()
                    _play(results, DEPLOYS, left, deploys.play, deadline)
                finally:
                    machine.cut()
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for each in results.wrong:
        print(each)
    return min(len(results.wrong), 1)


def _play(
    results: Results,
    kind: str,
    numbers: Sequence[int],
    play: Callable[[int], Result],
    deadline: float,
) -> None:
    for number in numbers:
        if time.monotonic() > deadline:
            say("machine", f"the time is up: {kind} goes on with {number}")
            return
        result = play(number)
        results.add(kind, result)
        end = result.wrong or result.ended
        say("machine", f"{kind} {number}: {result.work}, {result.at}, {result.manner}: {end}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
