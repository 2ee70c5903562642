"""A finding reads as what it is, what it is about, and what is wrong."""

from __future__ import annotations

from homeport.operations.venvs.finding import Drift


def test_finding_is_one_line() -> None:
    assert str(Drift("extra", "theirs", "2.0 is not locked")) == "extra: theirs 2.0 is not locked"
