"""What a plan, an error and a fingerprint look like."""

from __future__ import annotations

import pytest

from homeport.engine import plan_output
from homeport.engine.plan_output import PlanPrinter, lines
from tests.support.changes import change
from tests.support.host_folders import Fleet

ADD = change("add", "/a", "new file", None, ("+x", "+y"))
EDIT = change("change", "/b", "content differs", None, ("-x", "+y"))
GONE = change("remove", "/c", "no longer described", None)


def test_plan_output__a_plan_reads_as_what_happens_to_what_and_why() -> None:
    assert list(lines("files", [ADD, EDIT, GONE], diffs=False)) == [
        "files           + /a  (new file)",
        "files           ~ /b  (content differs)",
        "files           - /c  (no longer described)",
    ]


def test_plan_output__a_plan_shows_diffs_when_it_is_asked_to() -> None:
    assert list(lines("files", [EDIT, GONE], diffs=True)) == [
        "files           ~ /b  (content differs)",
        f"{'':20}-x",
        f"{'':20}+y",
        "files           - /c  (no longer described)",
    ]


def test_plan_output__no_change_is_no_line() -> None:
    assert list(lines("files", [], diffs=True)) == []


def test_plan_output__a_note_of_two_phases_is_printed_once(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.start("a")
    shown = list[str]()
    monkeypatch.setattr(plan_output.logger, "info", shown.append)
    printer = PlanPrinter(fleet.host("a"))
    for kind, text in (
        ("venvs", "the disk is nearly full"),
        ("releases", "the disk is nearly full"),
    ):
        printer.note(kind, text)
    printer.note("releases", "another note")
    assert [line.split("  ", 1)[1].strip() for line in shown] == [
        "! the disk is nearly full",
        "! another note",
    ]
