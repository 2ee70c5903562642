"""Cut the power by the thousand: `make faults` writes what came of it to docs/reliability.json."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.faults.power_cuts import STORIES, Stage, apart, drawn

FIGURES = Path(__file__).resolve().parents[2] / "docs/reliability.json"
SEED = 1


def main(arguments: Sequence[str]) -> int:
    """Play the cases, write the figures, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_800, help="in all; 20,800 unless given")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    each = -(-chosen.cases // len(STORIES))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(_story, at, each, chosen.seed) for at in range(len(STORIES))]
        found = [job.result() for job in jobs]
    bad = [line for _, _, lines in found for line in lines]
    for line in bad:
        print(line)
    rows = {
        story.name: {"steps": steps, "cases": cases}
        for story, (steps, cases, _) in zip(STORIES, found, strict=True)
    }
    print(f"{sum(row['cases'] for row in rows.values())} power cuts, {len(bad)} not survived")
    if not bad:
        figures = json.loads(FIGURES.read_text())
        figures["power cuts"] = {"seed": chosen.seed, "stories": rows}
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    return min(len(bad), 1)


def _story(at: int, count: int, seed: int) -> tuple[int, int, list[str]]:
    story, bad = STORIES[at], list[str]()
    memory = Path("/dev/shm")
    with (
        TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name,
        apart(Path(name)) as folder,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        stage = Stage(story, folder / "host")
        cases = drawn(stage, count, Random(f"{seed} {story.name}"))
        for number, case in enumerate(cases):
            try:
                stage.play(case, folder / str(number))
            except Exception as error:
                bad.append(f"{case}: {type(error).__name__} {error}")
    return len(stage.recording.steps), len(cases), bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
