"""The user's terminal: there or not, for one question at a time, and in order afterwards."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.user_terminal import sat_at

IS_THERE = "from homeport.openssh import terminal\nprint('there:', terminal.is_there())\n"
BEHIND = f"""\
import os, sys
child = os.fork()
if child:
    os.waitpid(child, 0)
    sys.exit()
os.setpgid(0, 0)
{IS_THERE}"""
SPINS = """\
import gevent
from pyinfra import progress
from pyinfra.api.output import set_echo
from homeport.openssh import terminal

set_echo(print)
with progress.progress_spinner({"x"}, "one"):
    gevent.sleep(0.5)
    with terminal.turn():
        terminal.show(b"Question? ")
        with progress.progress_spinner({"x"}, "two"):
            gevent.sleep(0.7)
        terminal.show(b"answered\\n")
with progress.progress_spinner({"x"}, "three"):
    gevent.sleep(0.5)
"""
LEAVES = """\
from homeport.openssh import terminal
with terminal.turn() as may_ask:
    print("first:", may_ask)
    terminal.leave()
with terminal.turn() as may_ask:
    print("second:", may_ask)
"""


@pytest.mark.parametrize(
    ("script", "stdin", "there"),
    [(IS_THERE, None, True), (IS_THERE, subprocess.DEVNULL, False), (BEHIND, None, False)],
)
def test_terminal__it_is_there_in_the_foreground_alone(
    script: str, stdin: int | None, there: bool
) -> None:
    with sat_at(script, stdin=stdin) as terminal:
        assert terminal.wait() == 0
        assert f"there: {there}" in terminal.shown


def test_terminal__one_that_does_not_control_us_is_none() -> None:
    apart = f"import os\nif os.fork(): os.wait(); os._exit(0)\nos.setsid()\n{IS_THERE}"
    with sat_at(apart) as terminal:
        assert terminal.wait() == 0
        assert "there: False" in terminal.shown


def test_terminal__no_line_of_progress_is_written_over_a_question() -> None:
    with sat_at(SPINS) as terminal:
        assert terminal.wait() == 0
        assert "one" in terminal.shown.partition("Question? ")[0]
        assert "Question? answered" in terminal.shown
        assert "two" not in terminal.shown
        assert "three" in terminal.shown


def test_terminal__a_user_who_has_ended_it_is_not_asked_again() -> None:
    with sat_at(LEAVES) as terminal:
        assert terminal.wait() == 0
        assert "first: True" in terminal.shown
        assert "second: False" in terminal.shown
