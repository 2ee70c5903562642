"""The results of power cuts of a machine: kept by number, so that a run goes on where one ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).resolve().parents[3] / "docs/reliability.json"
PART = "machine"


@dataclass(frozen=True)
class Result:
    """What became of one cut.

    + number: which of its kind it is, from 1 on: the same seed and number are the same cut
    + work: what was at work
    + at: where it was cut
    + manner: what became of unsynced writes, or after which time it was cut
    + ended: what the host ran after its boot
    + wrong: why it wasn't survived; empty if it was
    """

    number: int
    work: str
    at: str
    manner: str
    ended: str
    wrong: str = ""


class Results:
    """All results of one seed, by the kind of their cuts."""

    def __init__(self, seed: int, file: Path = FIGURES) -> None:
        self._seed, self._file = seed, file

    @property
    def kinds(self) -> dict[str, dict[int, Result]]:
        """The results by kind and number, as they are kept now."""
        had = self._whole().get(PART, {})
        kinds = had.get("kinds", {}) if had.get("seed") == self._seed else {}
        return {
            kind: {each["number"]: Result(**each) for each in results}
            for kind, results in kinds.items()
        }

    def left(self, kind: str, count: int) -> list[int]:
        """Return the numbers that were not survived yet, of so many."""
        known = self.kinds.get(kind, {})
        return [n for n in range(1, count + 1) if n not in known or known[n].wrong]

    def add(self, kind: str, result: Result) -> None:
        """Keep a result, in place of an earlier one of its number."""
        kinds = self.kinds
        kinds.setdefault(kind, {})[result.number] = result
        listed = {
            name: [asdict(found[number]) for number in sorted(found)]
            for name, found in sorted(kinds.items())
        }
        whole = self._whole() | {PART: {"seed": self._seed, "kinds": listed}}
        self._file.write_text(json.dumps(whole, indent=1) + "\n")

    @property
    def wrong(self) -> list[Result]:
        """Those that were not survived."""
        return [each for found in self.kinds.values() for each in found.values() if each.wrong]

    def _whole(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return found
