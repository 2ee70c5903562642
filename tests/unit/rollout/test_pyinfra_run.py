"""What rollout.pyinfra_run promises."""

from __future__ import annotations

import signal
import time

import pytest

from tests.support.fake_pyinfra import World
from tests.support.rollout_table import table


def interrupted(world: World, *, at: str) -> tuple[int, str]:
    """Return exit code and words of a rollout that gets SIGINT at some moment, and it alone."""
    process = world.start("-y")
    assert process.stderr is not None
    output = ""
    while at not in output:
        output += (line := process.stderr.readline())
        assert line, output
    while world.stuck and not (world.folder / "at-work").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=30)[1]
    return process.returncode, output + rest


def test_pyinfra_run__ctrl_c_between_batches_stops_and_says_who_has_what(world: World) -> None:
    world.have("a", "b", "c", rollout={"pause": 3600})
    code, output = interrupted(world, at="3600 s until")
    assert code == 1
    assert "--> Interrupted" in output
    assert table(output) == {
        "a": "unknown done -", "b": "unknown not started -", "c": "unknown not started -"
    }  # fmt: skip
    assert "Traceback" not in output


@pytest.mark.parametrize("deaf", [False, True])
def test_pyinfra_run__ctrl_c_in_a_batch_ends_it_and_says_who_has_what(
    world: World, deaf: bool
) -> None:
    world.have("a", "b")
    world.stuck, world.deaf = ["a"], deaf
    code, output = interrupted(world, at="--> Batch: a")
    assert code == 1
    assert table(output) == {"a": "unknown cut off -", "b": "unknown not started -"}
    assert "Traceback" not in output


def test_pyinfra_run__pyinfra_that_is_not_there_is_named(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a")
    (world.folder / "pyinfra").unlink()
    assert world.roll_out() == 2
    assert "can't be run: No such file or directory. Fix: " in capsys.readouterr().err
