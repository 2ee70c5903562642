"""The check of the last audit, without a network: `python -m tools.audit.check`.

It fails for a vulnerability of what is locked now that is not accepted, and for an acceptance whose
time is over.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from tools.audit.record import Record, locked

ACCEPTED = Path(__file__).with_name("accepted.toml")


class Acceptance(NamedTuple):
    """A vulnerability that is accepted, why, and the last day of that."""

    id: str
    reason: str
    until: date


def accepted(text: str) -> tuple[Acceptance, ...]:
    """Return what a list accepts; raises ``ValueError`` for an entry that lacks something."""
    entries = []
    for entry in tomllib.loads(text).get("accepted", []):
        match entry:
            case {"id": str(name), "reason": str(reason), "until": date() as until, **rest}:
                if not rest and name and reason and not isinstance(until, datetime):
                    entries.append(Acceptance(name, reason, until))
                    continue
        raise ValueError(f"{entry!r} needs an id, a reason and a date until, and nothing else")
    return tuple(entries)


def errors(
    record: Record, acceptances: Iterable[Acceptance], pins: frozenset[str], today: date
) -> Iterator[str]:
    """Yield a line for each vulnerability not accepted, and for each acceptance that ran out."""
    acceptances = tuple(acceptances)
    valid = {each.id for each in acceptances if today <= each.until}
    for finding in record.findings:
        pin = f"{finding.package}=={finding.version}"
        if pin in pins and not valid & {finding.id, *finding.aliases}:
            fixed = f", fixed in {', '.join(finding.fixed_in)}" if finding.fixed_in else ""
            yield (
                f"{pin}: {finding.id}{fixed}. Fix: lock another version, or accept it in "
                "tools/audit/accepted.toml with a reason and a date"
            )
    for each in acceptances:
        if each.until < today:
            yield (
                f"{each.id} was accepted until {each.until} ({each.reason}). Fix: judge it anew, "
                "or remove it from tools/audit/accepted.toml"
            )


def note(record: Record, pins: frozenset[str]) -> str:
    """Return the line that says how far the record goes."""
    if record.day is None:
        return "no audit yet: run `make audit` where its service can be reached"
    new = len(pins - record.audited)
    since = f"; {new} pins are newer than that, run `make audit`" if new else ""
    return f"audited on {record.day}: {len(pins & record.audited)} pins{since}"


def main() -> int:
    """Print what is wrong, and how old the record is; return the exit code."""
    record, pins = Record.read(), locked()
    today = datetime.now(UTC).date()
    wrong = list(errors(record, accepted(ACCEPTED.read_text()), pins, today))
    print(*wrong, note(record, pins), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
