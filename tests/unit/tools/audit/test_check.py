"""What tools.audit.check promises: nothing known is locked unless it is accepted, for a time."""

from __future__ import annotations

from datetime import date

import pytest

from tools.audit import check
from tools.audit.check import Acceptance, accepted, errors, note
from tools.audit.record import Finding, Record, locked

TODAY = date(2026, 11, 28)
FINDING = Finding("flask", "3.0.0", "PYSEC-2026-1", ("CVE-2026-1",), ("3.0.1",))
PINS = frozenset({"flask==3.0.0", "click==8.0"})
RECORD = Record(TODAY, PINS, (FINDING,))


def accept(name: str, until: date = TODAY) -> Acceptance:
    return Acceptance(name, "never called", until)


def test_check__a_vulnerability_of_what_is_locked_is_an_error_with_its_fix() -> None:
    (line,) = errors(RECORD, (), PINS, TODAY)
    assert line.startswith("flask==3.0.0: PYSEC-2026-1, fixed in 3.0.1. Fix: lock another version")
    assert list(errors(RECORD, [accept("CVE-2026-2")], PINS, TODAY)) == [line]


@pytest.mark.parametrize("name", ["PYSEC-2026-1", "CVE-2026-1"])
def test_check__one_that_is_accepted_is_none_until_that_day(name: str) -> None:
    assert list(errors(RECORD, [accept(name)], PINS, TODAY)) == []
    over = list(errors(RECORD, [accept(name, date(2026, 11, 27))], PINS, TODAY))
    assert [line.partition(" ")[0] for line in over] == ["flask==3.0.0:", name]


def test_check__an_acceptance_that_ran_out_is_an_error_by_itself() -> None:
    (line,) = errors(Record(), [accept("CVE-2020-1", date(2020, 1, 1))], PINS, TODAY)
    assert line.startswith("CVE-2020-1 was accepted until 2020-01-01 (never called). Fix: judge")


def test_check__what_is_locked_no_more_does_not_count() -> None:
    assert list(errors(RECORD, (), frozenset({"flask==3.0.1"}), TODAY)) == []


@pytest.mark.parametrize(
    "entry",
    [
        'id = "CVE-1"\nreason = "x"',
        'id = "CVE-1"\nuntil = 2026-01-01',
        'id = "CVE-1"\nreason = ""\nuntil = 2026-01-01',
        'id = "CVE-1"\nreason = "x"\nuntil = "for ever"',
        'id = "CVE-1"\nreason = "x"\nuntil = 2026-01-01T00:00:00',
        'id = "CVE-1"\nreason = "x"\nuntil = 2026-01-01\nsince = 2026-01-01',
    ],
)
def test_check__an_acceptance_needs_a_reason_and_a_date(entry: str) -> None:
    with pytest.raises(ValueError, match="needs an id, a reason and a date"):
        accepted(f"[[accepted]]\n{entry}\n")


def test_check__an_acceptance_is_read() -> None:
    text = '[[accepted]]\nid = "CVE-1"\nreason = "x"\nuntil = 2026-01-01\n'
    assert accepted(text) == (Acceptance("CVE-1", "x", date(2026, 1, 1)),)


def test_check__it_says_how_far_the_record_goes() -> None:
    assert note(Record(), PINS).startswith("no audit yet")
    assert note(RECORD, PINS) == "audited on 2026-11-28: 2 pins"
    assert "; 1 pins are newer than that" in note(RECORD, PINS | {"new==1"})


def test_check__the_records_of_this_repository_can_be_read() -> None:
    assert Record.read().audited <= Record.read().audited | locked()
    accepted(check.ACCEPTED.read_text())
