"""homeport and its peers do one job on a real host, and what that took is told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.connection.way import WAYS
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
    assert "exec -- true over @ssh: homeport takes" in near
    assert "exec -- true over @openssh: homeport takes" in near
    assert far.startswith(", 50 ms away")
    # It keeps what contenders said only if one of them failed, and none of its hosts.
    left = lab_id(ROOT, LAB)
    assert not (cache_directory() / f"bench-{left}").exists()
    assert not machine.named(f"hp{left}")


def test_the_connection_is_measured_on_servers_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    few = ["--hosts", "2", "--rounds", "1", "--json", str(file)]
    before = set(Path("/tmp").glob("hp-connection-*"))
    command = [sys.executable, "-m", "benchmarks.connection", *few]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        # It needs a server that a laptop need not have.
        fix = "Fix: run `apt-get install openssh-server`."
        assert (done.returncode, done.stderr) == (1, f"Error: there is no sshd here. {fix}\n")
        return
    assert done.returncode == 0, done.stdout + done.stderr
    runs = json.loads(file.read_text())["runs"]
    assert {run["way"] for run in runs} == {way.name for way in WAYS}
    assert all(run["cpu"] > 0 and bool(run["turns"]) is bool(run["rtt"]) for run in runs)
    sent = [run["sent"] for run in runs if run["job"] == "send" and run["rtt"]]
    assert min(sent) > 20_000_000
    # A kept login is not logged in again.
    for run in runs:
        if run["way"] == "openssh-next" and run["rtt"]:
            (first,) = (
                one
                for one in runs
                if one["way"] == "openssh" and (one["job"], one["rtt"]) == (run["job"], run["rtt"])
            )
            assert run["received"] < first["received"]
    assert set(Path("/tmp").glob("hp-connection-*")) <= before
