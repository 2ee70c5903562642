"""The specs themselves: who calls them wrongly is told so, and nobody is asked half of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.specs.conftest import Root


def specs(*options: str) -> subprocess.CompletedProcess[str]:
    """Call the specs as the benchmark does."""
    line = [sys.executable, "-m", "pytest", "-q", "benchmarks/specs", *options]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_conftest__specs_without_a_host_are_no_success() -> None:
    done = specs("--contender=pyinfra", "--work=benchmarks/job")
    assert done.returncode == 4
    assert "specs of a benchmark need --hosts" in done.stderr


def test_conftest__specs_without_the_work_that_was_done_are_no_success(tmp_path: Path) -> None:
    done = specs("--contender=pyinfra", f"--work={tmp_path}", "--hosts=ssh://nowhere.invalid")
    assert done.returncode == 4
    assert "is no copy of the job" in done.stderr


def test_conftest__a_host_that_cannot_be_reached_fails_every_spec(work: Path) -> None:
    done = specs("--contender=pyinfra", f"--work={work}", "--hosts=ssh://nobody@127.0.0.1:9")
    assert done.returncode == 1
    assert "it can't be reached" in done.stdout
    assert "passed" not in done.stdout


@pytest.mark.parametrize("user", ["0", "1000"])
def test_conftest__whoever_logs_in_asks_as_root(user: str, tmp_path: Path) -> None:
    for name, text in {"id": f"echo {user}", "sudo": 'echo "as root:"; shift; "$@"'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)

    class Here:
        def run(self, command: str) -> str:
            environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
            line = ["sh", "-c", command]
            done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
            return done.stdout

    output = Root(Here()).run('echo "it\'s" whole')
    assert output == ("it's whole\n" if user == "0" else "as root:\nit's whole\n")
