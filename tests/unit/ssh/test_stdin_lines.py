"""Lines are made while they are sent, as often as they are asked for, and are a list to pyinfra."""

from __future__ import annotations

from homeport.ssh.stdin_lines import LazyLines


def test_lines_are_made_anew_each_time_and_held_by_nothing() -> None:
    made: list[int] = []
    lines = LazyLines(lambda: (made.append(number) or str(number) for number in range(2)))
    assert isinstance(lines, list)
    assert made == []
    assert (list(lines), list(lines)) == (["0", "1"], ["0", "1"])
    assert made == [0, 1, 0, 1]
