"""Damage hosts, and see which specs notice: `make spec-faults` writes the kill rate to
docs/reliability.json."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.spec_faults import kinds, stages
from tests.spec_faults.campaign import play
from tests.spec_faults.damage import Verdict, misses
from tests.spec_faults.families import damages

FIGURES = Path(__file__).resolve().parents[2] / "docs/reliability.json"
STAGES = {"server": stages.server, "bare": stages.bare, "laptop": stages.laptop}


def main(arguments: Sequence[str]) -> int:
    """Play the damages, write the figures, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.spec_faults", description=__doc__)
    parser.add_argument("--stage", choices=STAGES, action="append", help="all unless given")
    parser.add_argument("--kind", action="append", help="a kind of spec; all unless given")
    chosen = parser.parse_args(arguments)
    stages.own_lab()
    played: dict[str, list[Verdict]] = {}
    for name in chosen.stage or STAGES:
        played[name] = []
        with TemporaryDirectory() as folder, STAGES[name](Path(folder)) as stage:
            every = damages(stage.survey())
            wanted = [each for each in every if not chosen.kind or each.kind in chosen.kind]
            for verdict in play(stage, wanted):
                print(verdict, flush=True)
                played[name].append(verdict)
        write(name, played[name])
    verdicts = [verdict for found in played.values() for verdict in found]
    whole = not (chosen.stage or chosen.kind)
    every_kind = kinds.kinds() if whole else sorted({each.damage.kind for each in verdicts})
    missed = misses(every_kind, verdicts)
    for kind, why in missed.items():
        print("\n  ".join([f"{kind}:", *why]))
    killed = sum(verdict.killed for verdict in verdicts)
    rate = f"{len(every_kind) - len(missed)} of {len(every_kind)} kinds"
    print(f"{rate}, {killed} of {len(verdicts)} damages")
    return min(len(missed), 1)


def write(stage: str, verdicts: Sequence[Verdict]) -> None:
    """Write the figures of the kinds that were damaged on a stage; those of others stay."""
    figures = json.loads(FIGURES.read_text())
    rows = figures.setdefault("spec faults", {}).setdefault(stage, {})
    for kind in {verdict.damage.kind for verdict in verdicts}:
        of_kind = [verdict for verdict in verdicts if verdict.damage.kind == kind]
        rows[kind] = {"damages": len(of_kind), "seen": sum(each.killed for each in of_kind)}
    figures["spec faults"][stage] = dict(sorted(rows.items()))
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
