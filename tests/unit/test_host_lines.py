"""What host_lines promises."""

from __future__ import annotations

from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.host_lines import Advice, barred


def test_host_lines__what_a_host_prints_is_told_from_our_advice() -> None:
    advice, copy = Advice("its disk is full. Fix: make room."), "its disk is full. Fix: make room."
    assert advice == copy
    assert barred(advice) == copy
    assert barred(copy) == f"| {copy}"
    assert barred(f"x\n{copy}".splitlines()[1]) == f"| {copy}"
    # It stays what it is on its way through pyinfra.
    output = CommandOutput([OutputLine("stderr", copy), OutputLine("stderr", advice)])
    assert [isinstance(line, Advice) for line in output.stderr_lines] == [False, True]
