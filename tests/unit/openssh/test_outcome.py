"""The end of a command: its exit code, and without one a line that says why."""

from __future__ import annotations

import pytest

from homeport.openssh.errors import Way
from homeport.openssh.marks import Marks
from homeport.openssh.outcome import Outcome, found
from homeport.openssh.process import Ended

WAY = Way("shed", "192.0.2.7", user="ann")


def test_outcome__an_exit_code_is_the_one_in_the_marks() -> None:
    assert found(Ended(255), Marks(pid=7, code=3), "", WAY) == Outcome(3)


@pytest.mark.parametrize(
    ("ended", "marks", "output", "message"),
    [
        (Ended(-9, "it took longer than 5 s"), Marks(pid=7), "", "it took longer than 5 s. Fix: "),
        (Ended(255), Marks(pid=7), "", "the connection broke while a command ran. Fix: "),
        (Ended(255), Marks(), "x: Connection refused", "nothing listens on port 22"),
        (Ended(255), Marks(), "", "ssh exits with 255"),
    ],
)
def test_outcome__without_one_a_line_says_why(
    ended: Ended, marks: Marks, output: str, message: str
) -> None:
    outcome = found(ended, marks, output, WAY)
    assert outcome.code is None
    assert message in outcome.error
    assert "\n" not in outcome.error
