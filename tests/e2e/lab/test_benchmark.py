"""homeport and its peers do one job on a real host, and what that took is told."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.fleet import LAB
from lab import machine
from lab.paths import cache_directory, lab_id

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("homeport", "pyinfra's operations", "Ansible", "Ansible with Mitogen")


def test_the_quick_benchmark_tells_ratios_of_contenders_that_did_the_whole_job() -> None:
    environment = {name: text for name, text in os.environ.items() if name != "HOMEPORT_LAB"}
    done = subprocess.run(
        ["make", "bench-quick"], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    near, far = done.stdout.split("Nothing to change: one host")[1:]
    assert all(re.search(rf"^{name} +█+ \d+\.\d\d$", near, re.M) for name in NAMES), near
    assert "exec -- true: homeport takes" in near
    assert far.startswith(", 50 ms away")
    # It keeps what contenders said only if one of them failed, and none of its hosts.
    left = lab_id(ROOT, LAB)
    assert not (cache_directory() / f"bench-{left}").exists()
    assert not machine.named(f"hp{left}")
