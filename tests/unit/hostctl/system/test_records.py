"""A record that is damaged is known for it, and a list tells what it lacks."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.hostctl.protocol import VersionError
from homeport.hostctl.system import records

FILE = Path("/list")
LINES = [records.encode({"n": n, "text": "ü\n"}, n) for n in range(1, 5)]
WHOLE = records.read("".join(LINES).encode(), FILE)


def test_records__what_was_written_is_read() -> None:
    assert [record["n"] for record in WHOLE.records] == [1, 2, 3, 4]
    assert WHOLE.damage == ()
    assert WHOLE.holds(WHOLE.seal()._asdict())
    assert WHOLE.holds(WHOLE.seal(2)._asdict())


@pytest.mark.parametrize("place", range(len(LINES[1]) - 1))
def test_records__a_bit_that_is_flipped_anywhere_is_found(place: int) -> None:
    for bit in range(8):
        line = bytearray(LINES[1].encode())
        line[place] ^= 1 << bit
        content = LINES[0].encode() + bytes(line) + "".join(LINES[2:]).encode()
        try:
            found = records.read(content, FILE)
        except VersionError:
            continue  # it is refused by its name
        same = found.records == WHOLE.records
        assert same or found.damage, line
        assert same or not found.holds(WHOLE.seal()._asdict())


@pytest.mark.parametrize("lost", [*combinations(range(4), 1), *combinations(range(4), 2)])
def test_records__lines_that_are_lost_are_missed(lost: tuple[int, ...]) -> None:
    left = [line for number, line in enumerate(LINES) if number not in lost]
    found = records.read("".join(left).encode(), FILE)
    # What is lost at the end is missed by the seal alone.
    at_the_end = lost in ((3,), (2, 3))
    assert bool(found.damage) != at_the_end
    assert not found.holds(WHOLE.seal()._asdict())


@given(st.integers(0, len("".join(LINES))))
def test_records__a_list_that_is_cut_off_and_continued_has_lost_nothing(cut: int) -> None:
    content = "".join(LINES).encode()[:cut]
    had = records.read(content, FILE)
    assert had.damage == ()
    number = records.next_number(content, FILE)
    joint = b"" if not content or content.endswith(b"\n") else b"\n"
    found = records.read(content + joint + records.encode({"n": 9}, number).encode(), FILE)
    assert found.damage == ()
    assert [*had.records, {"n": 9}] == found.records


def test_records__what_follows_a_rotten_end_does_not_hide_it() -> None:
    content = "".join(LINES[:3]).encode().replace(b'"n": 3', b'"n": 5')
    assert records.read(content, FILE).damage == ("line 3 can't be read",)
    content += records.encode({"n": 4}, records.next_number(content, FILE)).encode()
    assert records.read(content, FILE).damage == ("line 3 can't be read",)


def test_records__those_of_version_1_are_read_and_continued() -> None:
    old = [json.dumps({"n": n, "version": 1}) + "\n" for n in (1, 2)]
    content = "".join(old).encode()
    assert records.read(content, FILE).records == [{"n": 1}, {"n": 2}]
    content += records.encode({"n": 3}, records.next_number(content, FILE)).encode()
    found = records.read(content, FILE)
    assert [record["n"] for record in found.records] == [1, 2, 3]
    assert found.damage == ()
    assert records.read(b"{torn\n" + old[1].encode(), FILE).damage
    assert records.read("".join([old[1], LINES[2]]).encode(), FILE).damage


@pytest.mark.parametrize("version", [None, 0, 3, True, "2", 2.5])
def test_records__of_a_version_that_is_not_known_are_refused(version: object) -> None:
    with pytest.raises(VersionError, match=r"/list .*knows 1 to 2\. Fix: "):
        records.read(json.dumps({"n": 1, "version": version}).encode(), FILE)


def test_records__a_seal_that_is_none_seals_nothing() -> None:
    assert WHOLE.holds(None)
    assert not WHOLE.holds("rubbish")
    assert not WHOLE.holds({"records": "4", "digest": ""})


def test_records__what_was_cut_off_after_the_seal_is_no_damage_and_what_it_covers_is() -> None:
    lines, seal = "".join(LINES).encode(), WHOLE.seal()._asdict()
    # A hole that a file system leaves for the first half of a write, and a part of the second.
    torn = b'{"na' + bytes(40) + b'"x"}\n{"name"'
    found = records.read(lines + torn, FILE)
    assert found.damage
    assert records.sealed_part(found, seal).damage == ()
    assert records.sealed_part(found, None).damage == found.damage
    rotten = records.read(lines.replace(b'"n": 2', b'"n": 3') + torn, FILE)
    assert records.sealed_part(rotten, seal).damage == rotten.damage != ()
    alone = records.read(torn, FILE)
    assert records.sealed_part(alone, records.NO_RECORDS).damage == ()
