"""Kill at every boundary: `make kills` writes what came of it to docs/reliability.json.

``--case NAME`` plays only the cases whose names contain NAME.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import lab
from benchmarks.load.stage import Stage
from homeport.errors import UserError
from tests.faults.kills.case import Case, cases
from tests.faults.kills.play import Player, described
from tests.faults.kills.results import note

HOST = "staging"


def main(arguments: Sequence[str]) -> int:
    """Play the cases, write down what came of them, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--cases", type=int, help="so many, drawn by the seed; all unless given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", default="", help="those alone that have this in their names")
    chosen = parser.parse_args(arguments)
    every = list(cases())
    print(f"{len(every)} boundaries, each with its victim", flush=True)
    drawn = [case for case in every if chosen.case in str(case)]
    if chosen.cases is not None:
        drawn = Random(chosen.seed).sample(drawn, min(chosen.cases, len(drawn)))
    lab.up([lab.parse(HOST)])
    try:
        with TemporaryDirectory(prefix="kills-") as folder:
            stage, work = Stage(HOST, Path(folder)), described(Path(folder) / "work")
            stage.certify()
            player = Player(stage, work, Path(folder) / "samples")
            # There is one to go back to.
            for _ in range(2):
                player.deploy()
            bad = sum(not _survived(player, case, every) for case in drawn)
    finally:
        lab.down()
    print(f"{len(drawn)} kills (seed {chosen.seed}), {bad} not survived")
    return min(bad, 1)


def _survived(player: Player, case: Case, every: Sequence[Case]) -> bool:
    try:
        wrong = player.play(case)
    except (RuntimeError, UserError) as error:
        wrong = [str(error)]
    print(f"{case}: {'; '.join(wrong) or 'survived'}", flush=True)
    note(str(case), wrong, list(map(str, every)))
    return not wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
