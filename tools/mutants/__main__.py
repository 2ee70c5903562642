"""Try the mutants of the table, or choose new ones: ``python -m tools.mutants [--only TEXT]``."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from tools.mutants.mutant import Mutant, StaleRowError, load
from tools.mutants.operators import mutants
from tools.mutants.trial import OWN_LIMIT, WORKERS, Copy, TrialError, own_tests

ROOT = Path(__file__).resolve().parents[2]


def chosen(root: Path, paths: Iterable[str], count: int, seed: int) -> list[Mutant]:
    """Return that many mutants of modules and folders, the same for the same seed."""
    found: list[Mutant] = []
    for path in paths:
        place = root / path
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found += mutants(str(file.relative_to(root)), file.read_text())
    return random.Random(seed).sample(found, min(count, len(found)))  # noqa: S311 - nothing secret


def row(mutant: Mutant) -> str:
    """Return a mutant as a row of the table."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in asdict(mutant).items()]
    return "\n".join(["[[mutant]]", *lines, ""])


def try_all(root: Path, rows: Sequence[Mutant]) -> Counter[str]:
    """Try each mutant and print what came of it; return how many of each outcome there are.

    Raises ``TrialError`` if the tests fail without any fault.
    """
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(root, Path(folder))
        files = sorted({test for mutant in rows for test in own_tests(root, mutant.file)})
        if files and not copy.passes([*files, *WORKERS], OWN_LIMIT * len(rows)):
            raise TrialError("the tests fail without any mutant: python -m pytest tests/unit")
        for mutant in rows:
            try:
                found = copy.finds(mutant)
            except StaleRowError as error:
                outcome, text = "stale", str(error)
            else:
                outcome = "killed" if found else "survives"
                text = f"{mutant}{' (not by its own tests)' if found == 'area' else ''}"
            outcomes[outcome] += 1
            print(f"{outcome:8}  {text}", flush=True)
    return outcomes


def main(arguments: Sequence[str]) -> int:
    """Return the exit code: 0 if all are killed, 1 for one that isn't, 2 if the tests fail."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="rows that have this text")
    parser.add_argument("--choose", type=int, metavar="COUNT", help="print new rows of the PATHs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="modules and folders")
    options = parser.parse_args(arguments)
    if options.choose:
        print(*map(row, chosen(ROOT, options.paths, options.choose, options.seed)), sep="\n")
        return 0
    rows = [mutant for mutant in load() if options.only in str(mutant)]
    if not rows:
        parser.error(f"no row has {options.only!r}")
    try:
        outcomes = try_all(ROOT, rows)
    except TrialError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{outcomes['killed']} of {len(rows)} mutants are killed")
    return 0 if outcomes["killed"] == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
