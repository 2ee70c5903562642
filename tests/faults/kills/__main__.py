"""Kill at every boundary: `make kills` writes what came of it to docs/reliability.json."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import lab
from benchmarks.load.stage import Stage
from tests.faults.kills.case import Case, cases
from tests.faults.kills.play import Player, described

FIGURES = Path(__file__).resolve().parents[3] / "docs/reliability.json"
HOST = "staging"


def main(arguments: Sequence[str]) -> int:
    """Play the cases, write the figures, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--cases", type=int, help="so many, drawn by the seed; all unless given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", help="those alone that have this in their names")
    chosen = parser.parse_args(arguments)
    every = list(cases())
    print(f"{len(every)} boundaries, each with its victim", flush=True)
    drawn = [case for case in every if not chosen.case or chosen.case in str(case)]
    if chosen.cases is not None:
        drawn = Random(chosen.seed).sample(drawn, min(chosen.cases, len(drawn)))
    survived: list[Case] = []
    lab.up([lab.parse(HOST)])
    try:
        with TemporaryDirectory(prefix="kills-") as folder:
            stage, work = Stage(HOST, Path(folder)), described(Path(folder) / "work")
            stage.certify()
            player = Player(stage, work, Path(folder) / "samples")
            # There is one to go back to.
            for _ in range(2):
                player.deploy()
            survived += [case for case in drawn if _survived(player, case)]
    finally:
        lab.down()
    bad = len(drawn) - len(survived)
    print(f"{len(drawn)} kills, {bad} not survived")
    if not bad and not chosen.case:
        _write(every, drawn, chosen.seed)
    return min(bad, 1)


def _survived(player: Player, case: Case) -> bool:
    wrong = player.play(case)
    print(f"{case}: {'; '.join(wrong) or 'survived'}", flush=True)
    return not wrong


def _write(every: Sequence[Case], played: Sequence[Case], seed: int) -> None:
    there, kills = (Counter((case.job, case.victim) for case in each) for each in (every, played))
    rows = [
        {"job": job, "victim": victim, "boundaries": n, "kills": kills[job, victim]}
        for (job, victim), n in there.items()
    ]
    figures = json.loads(FIGURES.read_text())
    figures["kills"] = {"seed": seed, "rows": rows}
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
