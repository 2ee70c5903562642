"""The record of the last audit, and the locks that it is about."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from homeport.artifacts.requirements_file import parse

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
RECORD = Path(__file__).with_name("record.json")


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a package at one version: its id, and what else it is called."""

    package: str
    version: str
    id: str
    aliases: tuple[str, ...] = ()
    fixed_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """The result of an audit: its day, None before the first, what was asked for, what was found.

    `audited` and the pins of locks are as a requirements file has them: `name==version`.
    """

    day: date | None = None
    audited: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = field(default=())

    def text(self) -> str:
        """Return the record as JSON."""
        document = {
            "day": self.day.isoformat() if self.day else None,
            "findings": [asdict(finding) for finding in self.findings],
            "audited": sorted(self.audited),
        }
        return json.dumps(document, indent=1) + "\n"

    @classmethod
    def read(cls, file: Path = RECORD) -> Record:
        """Return the record of the last audit; raises ``ValueError`` or ``KeyError`` if damaged."""
        known = json.loads(file.read_text())
        day = known["day"]
        findings = tuple(_finding(each) for each in known["findings"])
        return cls(day and date.fromisoformat(day), frozenset(known["audited"]), findings)


def locked(folder: Path = ROOT) -> frozenset[str]:
    """Return every pin of the locks."""
    files = [folder / name for name in LOCKS]
    return frozenset(
        f"{line.name}=={line.version}" for file in files for line in parse(file.read_text(), file)
    )


def _finding(known: dict[str, Any]) -> Finding:
    return Finding(
        known["package"],
        known["version"],
        known["id"],
        tuple(known["aliases"]),
        tuple(known["fixed_in"]),
    )
