"""What a plan, an error and a fingerprint look like."""

from __future__ import annotations

from homeport.engine.plan_output import lines
from tests.support.changes import change

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
