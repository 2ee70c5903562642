"""What benchmarks.load.memory promises."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from benchmarks.load import memory
from benchmarks.load.memory import Memory
from homeport.errors import UserError
from lab import paths


def test_memory_is_that_of_the_units_that_are_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "top", lambda: tmp_path)
    units = tmp_path / paths.place().machine("web") / "payload/system.slice"
    slot, other = units / "system-x.slice/x-web@a.service", units / "nginx.service"
    for group, pid in ((slot, os.getpid()), (other, 2**22 + 1)):
        group.mkdir(parents=True)
        (group / "cgroup.procs").write_text(f"{pid}\n")
    with Memory("web", "x") as seen:
        time.sleep(memory.SAMPLE * 2)
    assert seen.peak["the application"] > 1 << 20
    # Processes that have ended since have nothing.
    assert seen.peak["nginx"] == 0


def test_memory__a_host_that_is_not_there_has_no_memory_to_measure() -> None:
    with pytest.raises(UserError, match="no control group"):
        Memory("nobody", "x")
