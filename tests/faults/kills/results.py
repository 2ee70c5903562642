"""What came of the kills: kept by the name of each case, so that one can be played again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

FIGURES = Path(__file__).resolve().parents[3] / "docs/reliability.json"
KEY = "kills"


def note(case: str, wrong: Sequence[str], every: Collection[str], figures: Path = FIGURES) -> None:
    """Write down what was wrong in a case, and forget cases that there are no more.

    + every: the names of all cases that there are
    """
    found = json.loads(figures.read_text())
    old = found.get(KEY, {}).get("played", {})
    played = {**old, case: list(wrong)}
    found[KEY] = {
        "boundaries": list(every),
        "played": {name: played[name] for name in every if name in played},
    }
    figures.write_text(json.dumps(found, indent=1) + "\n")
