"""A run ends at once, and still as it would have: its code, its last words, what is due at exit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
CONFIG = f"""\
import atexit, sys
sys.path.insert(0, {str(PROJECT)!r})
from homeport.pyinfra_adapter.shutdown import exit_fast
class Late:
    def __del__(self):
        print("taken apart")
sys.modules["late"] = late = Late()
atexit.register(print, "at exit")
exit_fast()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.py").write_text(CONFIG)
    (tmp_path / "hosts.py").write_text('hosts = ["@local"]\n')
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", "-m", "pyinfra", "-y", "hosts.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_a_run_that_went_well_ends_with_0_and_all_that_it_said(folder: Path) -> None:
    done = run(folder, "exec", "--", "true")
    assert done.returncode == 0
    assert "Disconnecting from hosts" in done.stdout + done.stderr
    assert done.stdout.endswith("at exit\n")


def test_a_run_that_went_wrong_ends_with_1_and_its_error(folder: Path) -> None:
    done = run(folder, "exec", "--", "false")
    assert done.returncode == 1
    assert "pyinfra error: No hosts remaining!" in done.stdout + done.stderr
    assert "at exit\n" in done.stdout


def test_an_error_in_a_deploy_file_is_told_in_pyinfras_own_way(folder: Path) -> None:
    (folder / "wrong.py").write_text("1 / 0\n")
    done = run(folder, "wrong.py")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout + done.stderr


def test_nobody_waits_for_memory_to_be_taken_apart(folder: Path) -> None:
    assert "taken apart" not in run(folder, "exec", "--", "true").stdout
    config = (folder / "config.py").read_text()
    (folder / "config.py").write_text(config.replace("\nexit_fast()", ""))
    assert "taken apart" in run(folder, "exec", "--", "true").stdout


DEPLOY = """\
from pyinfra import host
from pyinfra.operations import server

from homeport.engine import rollback_on_failure as reverting, run as session
from homeport.engine.transaction import DeployTransaction
from homeport.engine.kind import DesiredState

session.start_run([], DesiredState("shop", ()))
reverting.watch(session.current_host().state)
session.host_run().attempt = DeployTransaction("shop", "1", {{}}, {outcome!r})
server.shell(name="Well", commands=["true"])
"""


@pytest.mark.parametrize(("outcome", "code"), [("open", 1), ("confirmed", 0)])
def test_a_run_that_leaves_a_deploy_unconfirmed_reverts_it_and_has_failed(
    folder: Path, outcome: str, code: int
) -> None:
    program = folder / "homeport"
    program.write_text('#!/bin/sh\necho "$*" >>calls\n')
    program.chmod(0o755)
    config = (folder / "config.py").read_text()
    known = f"from homeport.hostctl import protocol\nprotocol.PROGRAM = {str(program)!r}\n"
    (folder / "config.py").write_text(config + known)
    (folder / "deploy.py").write_text(DEPLOY.format(outcome=outcome))
    done = run(folder, "deploy.py")
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert ("reverted: @local runs what it ran before" in said) is (code == 1)
    assert (folder / "calls").exists() is (code == 1)
