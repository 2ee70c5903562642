"""The table of what `make kills` has killed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tools.docgen.markdown import escaped, table

FIGURES = "docs/reliability.json"


def kills(project: Path) -> str:
    """Return a table of the boundaries by work and victim, and each kill that wasn't survived."""
    found = json.loads((project / FIGURES).read_text())["kills"]
    there = Counter(map(_kind, found["boundaries"]))
    played = Counter(map(_kind, found["played"]))
    wrong = {name: why for name, why in found["played"].items() if why}
    bad = Counter(map(_kind, wrong))
    rows = [
        {
            "work": work,
            "killed": victim,
            "boundaries": str(count),
            "played": str(played[work, victim]),
            "not survived": str(bad[work, victim]),
        }
        for (work, victim), count in there.items()
    ]
    end = f"{len(wrong)} not survived:" if wrong else "all survived, and no request failed."
    listed = "".join(
        f"\n- {escaped(name)}: {escaped('; '.join(why))}" for name, why in wrong.items()
    )
    last = f"{there.total()} boundaries, {played.total()} of them played so far: {end}"
    return f"{table(rows)}\n{last}\n" + (f"{listed}\n" if listed else "")


def _kind(name: str) -> tuple[str, str]:
    work, _, victim = name.split(", ")
    return work, victim
