"""A finding is placed by its keys, and shows little of what it is about."""

from __future__ import annotations

from homeport.manifest.types.issues import Issue, dotted, quoted, refuse


def test_complaint_is_placed_below_what_it_was_found_in() -> None:
    found = Issue("what", "fix", (("listen",), ())).below(("processes", "web"))
    assert found.keys == (("processes", "web", "listen"), ("processes", "web"))


def test_refusal_carries_its_complaint() -> None:
    assert (refuse("what", "fix").context or {})["complaints"] == (Issue("what", "fix"),)


def test_text_is_shown_short_quoted_and_without_control_characters() -> None:
    assert quoted("a\x1b") == "'a\\x1b'"
    assert len(quoted("x" * 1000)) == 62


def test_key_path_is_written_as_people_write_it() -> None:
    assert dotted(("processes", "web", "listen")) == "processes.web.listen"
    assert dotted(("data", 0)) == "data[0]"
    assert dotted(("a\n",)) == "'a\\n'"
