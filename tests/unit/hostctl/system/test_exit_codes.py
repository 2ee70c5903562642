"""Exit codes are what controllers of other versions take them for."""

from __future__ import annotations

from homeport.hostctl.system import exit_codes


def test_exit_codes_stay_what_they_are() -> None:
    names = ("DONE", "FAILED", "USAGE", "REFUSED", "REVERTED", "ALREADY_CONFIRMED")
    assert [getattr(exit_codes, name) for name in names] == [0, 1, 2, 3, 4, 5]
