"""What two auditors say, in figures: read from lynis' report, and from ssh-audit's lines."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

NOTE = re.compile(r"\[(fail|warn)\]")
NAMED = re.compile(r"\((?:kex|key|enc|mac)\) (\S+)")


@dataclass(frozen=True)
class Figures:
    """The figures of one host.

    + index: lynis' hardening index, of 100
    + suggestions: ids of lynis' suggestions
    + weak, doubtful: ssh-audit's fail and warn, each the name of an algorithm and how often
    """

    index: int
    suggestions: tuple[str, ...]
    weak: dict[str, int]
    doubtful: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """Return the figures as the page reads them."""
        return {**asdict(self), "suggestions": list(self.suggestions)}


def figures(report: str, lines: str) -> Figures:
    """Return the figures in lynis' report and in ssh-audit's output without colours.

    Raises ``ValueError`` if one of them isn't whole.
    """
    values = [line.split("=", 1) for line in report.splitlines() if "=" in line]
    indices = [value for name, value in values if name == "hardening_index"]
    if len(indices) != 1 or "(gen)" not in lines or "(kex)" not in lines:
        raise ValueError("an auditor did not come to its end")
    ids = tuple(value.split("|")[0] for name, value in values if name == "suggestion[]")
    weak, doubtful = _notes(lines)
    return Figures(int(indices[0]), ids, weak, doubtful)


def version(report: str) -> str:
    """Return the version of lynis that wrote a report; raises ``ValueError`` if it names none."""
    if found := re.search(r"^lynis_version=(\S+)$", report, re.MULTILINE):
        return found[1]
    raise ValueError("the report names no version of lynis")


def _notes(lines: str) -> tuple[dict[str, int], dict[str, int]]:
    found: dict[str, dict[str, int]] = {"fail": {}, "warn": {}}
    name = ""
    for line in lines.splitlines():
        if named := NAMED.match(line):
            name = named[1]
        # A second note of an algorithm is on a line of its own.
        if name and (note := NOTE.search(line)):
            counts = found[note[1]]
            counts[name] = counts.get(name, 0) + 1
    return found["fail"], found["warn"]
