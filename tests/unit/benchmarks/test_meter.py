"""What a command costs is counted for all that it starts, and nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.meter import measure, measuring

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="control groups are made by root")
HERE = Path()


def test_meter__how_it_ended_and_what_it_said_is_told() -> None:
    cost = measure(["sh", "-c", "echo one; echo two >&2; exit 3"], HERE, {}, 60)
    assert (cost.code, cost.output) == (3, "one\ntwo\n")


def test_meter__time_of_what_it_starts_counts() -> None:
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    cost = measure(["sh", "-c", f"sh -c '{busy}'"], HERE, {}, 60)
    assert cost.cpu > 0
    idle = measure(["true"], HERE, {}, 60)
    assert idle.cpu < cost.cpu


def test_meter__memory_is_that_of_all_together() -> None:
    # Each holds 40 MB for as long as it takes to be seen.
    hold = "import time; held = bytearray(40_000_000); time.sleep(1.5)"
    cost = measure(["sh", "-c", f"python3 -c '{hold}' & python3 -c '{hold}' & wait"], HERE, {}, 60)
    assert cost.memory > 80_000_000


def test_meter__what_outlives_it_is_ended() -> None:
    cost = measure(["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"], HERE, {}, 60)
    line = Path("/proc", cost.output.strip(), "cmdline")
    # Until somebody asks how it ended it has a number, and runs nothing.
    assert not line.exists() or line.read_bytes() == b""


def test_meter__what_takes_too_long_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        measure(["sleep", "600"], HERE, {}, 0.2)
    assert time.monotonic() - begun < 60


def test_meter__a_variable_is_added_to_the_environment() -> None:
    assert measure(["sh", "-c", "echo $ADDED"], HERE, {"ADDED": "x"}, 60).output == "x\n"


def test_meter__what_outlives_a_command_is_there_for_the_next_and_ended_after_the_last() -> None:
    with measuring(HERE, {}, 60) as run:
        pid = run(["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"]).output.strip()
        assert run(["kill", "-0", pid]).code == 0
    line = Path("/proc", pid, "cmdline")
    assert not line.exists() or line.read_bytes() == b""


def test_meter__each_command_is_told_its_own_time() -> None:
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    with measuring(HERE, {}, 60) as run:
        assert run(["sh", "-c", busy]).cpu > run(["true"]).cpu
