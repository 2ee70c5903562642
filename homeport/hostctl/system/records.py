"""Records: objects of JSON, a line each, that prove to be whole, and lists that prove to lack none.

A record of version 2 has a digest of itself; in a list it has its number as well, which counts
from 1. The next number tells a write that was cut off from a record that was lost. A list that was
shortened begins with a record that says how many it lacks, and goes on from that number.
Records of version 1 have neither, and are read as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..protocol import RECORD_VERSION, require_version

Record = dict[str, Any]

DIGITS = 16
DROPPED = "dropped"
"""In the first record of a list that was shortened: how many were before it, itself included."""


class Seal(NamedTuple):
    """The number of a list's records, and a digest of all of them: written to another file."""

    records: int
    digest: str


class Listing(NamedTuple):
    """The records of a list that are whole.

    + digests: one for each record
    + damage: what isn't whole, by its line; a last line that was cut off is no damage
    + dropped: how many records it had before these
    """

    records: list[Record]
    digests: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()
    dropped: int = 0

    def seal(self, count: int | None = None) -> Seal:
        """Return the seal of the list, or of its first records."""
        found = self.digests if count is None else self.digests[:count]
        return Seal(len(found), text_digest("".join(found)))

    def holds(self, sealed: object) -> bool:
        """Return whether the list begins with all that was sealed; None seals nothing."""
        if not isinstance(sealed, Mapping):
            return sealed is None
        count = sealed.get("records")
        return isinstance(count, int) and self.seal(count)._asdict() == sealed


def sealed_part(listing: Listing, sealed: object) -> Listing:
    """Return a list without the damage that comes after what was sealed: that was cut off."""
    if sealed is None or not listing.holds(sealed):
        return listing
    return listing._replace(damage=())


def text_digest(text: str) -> str:
    """Return the digest by which damage is found; against intent it is no defence."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def encode(record: Mapping[str, Any], number: int | None = None) -> str:
    """Return the line of a record, with its number if it is one of a list."""
    whole = {**record, "version": RECORD_VERSION}
    if number is not None:
        whole["line"] = number
    return _dump({**whole, "digest": text_digest(_dump(whole))}) + "\n"


def decode(
    line: bytes | str, file: object, newest: int = RECORD_VERSION
) -> tuple[Record, int | None] | None:
    """Return the record in a line and its number, None if it isn't whole.

    Raises VersionError if it is of a version that isn't known.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    version = require_version(found.get("version"), file, newest)
    if version > 1 and found.pop("digest", None) != text_digest(_dump(found)):
        return None
    del found["version"]
    number = found.pop("line", None) if version > 1 else None
    return found, number if isinstance(number, int) else None


def read(content: bytes, file: Path) -> Listing:
    """Return the records in a list. Raises VersionError if one is of a version that isn't known."""
    records, digests, damage = list[Record](), list[str](), list[str]()
    unread, number, dropped = list[int](), 0, 0
    *lines, last = content.split(b"\n")
    for place, line in enumerate([*lines, last] if last else lines, 1):
        found = decode(line, file) if line.strip() else None
        if found is None:
            unread += [place] if line.strip() else []
            continue
        record, counted = found
        if not number and not unread and counted and record.get(DROPPED) == counted:
            number = dropped = counted
            continue
        # What was cut off took no number; without numbers there is no telling.
        if (counted is None and unread) or counted not in (None, number + 1):
            damage.append(_lost(unread, place, counted, number))
        unread, number = [], number + 1 if counted is None else counted
        records.append(record)
        digests.append(text_digest(_dump({**record, "line": number})))
    if unread and not (last and unread == [len(lines) + 1]):
        damage.append(f"line {unread[0]} can't be read")
    return Listing(records, tuple(digests), tuple(damage), dropped)


def numbered(content: bytes, file: object) -> Iterator[tuple[int, Record]]:
    """Yield the records of a list with their numbers, the one that says what it lacks included.

    Raises VersionError if one is of a version that isn't known.
    """
    number = 0
    for line in content.split(b"\n"):
        if (found := decode(line, file) if line.strip() else None) is not None:
            number = found[1] or number + 1
            yield number, found[0]


def next_number(content: bytes, file: Path) -> int:
    """Return the number that the next record of a list takes.

    A last line that is rotten has had one, and a line that was cut off has none.
    """
    *lines, torn = content.split(b"\n")
    lost = 0
    for line in (torn, *reversed(lines)):
        if (found := decode(line, file) if line.strip() else None) is not None:
            return (len(read(content, file).records) if found[1] is None else found[1]) + lost + 1
        lost += bool(line.strip()) and line is not torn
    return lost + 1


NO_RECORDS = Listing([]).seal()._asdict()
"""The seal of a list that has no record yet."""


def _lost(unread: list[int], place: int, counted: int | None, number: int) -> str:
    if unread:
        return f"line {unread[0]} can't be read"
    return f"records are missing before line {place}: {counted} follows {number}"


def _dump(record: Mapping[str, Any]) -> str:
    return json.dumps(record, sort_keys=True)
