"""A plan holds when the host is leased, and the lease holds as long as its run goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lab
from tests.e2e.lab.project import Project

QUESTION = "Press enter to execute"


@contextmanager
def up_to_question(project: Project, host: str, log: Path) -> Iterator[subprocess.Popen[str]]:
    """Deploy without ``-y``, up to pyinfra's question; it is answered on standard input."""
    with log.open("w") as out:
        process = subprocess.Popen(
            project.command("inventories/lab.py", "deploy.py", "--limit", host),
            cwd=project.folder,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        for _ in range(600):
            if QUESTION in log.read_text():
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def title(project: Project, text: str) -> None:
    """Have the project's pages say this."""
    project.edit("group_data/staging.py", "Pinboard (staging)", text)


def variables(host: str) -> str:
    """Return the title among the variables on a host."""
    return lab.run(host, "grep TITLE /etc/homeport/pinboard/environment", root=True).stdout


def last(host: str) -> dict[str, str]:
    """Return the last line of a host's history."""
    lines = lab.run(host, "homeportctl history pinboard 1 --json", root=True).stdout
    found: dict[str, str] = json.loads(lines)
    return found


def test_a_plan_that_is_older_than_another_deploy_is_refused_and_changes_nothing(
    project: Project, deployed: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Project(tmp_path / "other")
    title(project, "of the older plan")
    title(other, "of the other deploy")
    with up_to_question(project, deployed, tmp_path / "log") as asking:
        other.converge("--limit", deployed)
        confirmed = last(deployed)
        asking.communicate("\n", timeout=120)
    shown = (tmp_path / "log").read_text()
    assert asking.returncode != 0
    who, when = confirmed["who"], confirmed["when"]
    assert (
        f"deploy refused: homeportctl: the deploy of pinboard by {who} was confirmed at {when},"
        " after this plan was made. Fix: run it again"
    ) in shown
    assert "of the other deploy" in variables(deployed)
    assert last(deployed) == confirmed
    project.converge("--limit", deployed)
    assert "of the older plan" in variables(deployed)


def test_a_phase_that_takes_longer_than_a_deploy_may_go_unheard_of_reverts_nothing(
    project: Project, deployed: str
) -> None:
    # A quarter of an hour, in seconds.
    project.edit("homeport/hostctl/protocol.py", "TTL = 900", "TTL = 8")
    project.edit("app.yml", "soak: 1,", "soak: 10,")
    slow = 'from pyinfra.operations import server\nserver.shell(name="Slow", commands=["sleep 10"])'
    project.edit(
        "deploy.py", 'units.converge(name="Units")', f'{slow}\nunits.converge(name="Units")'
    )
    title(project, "of a slow deploy")
    project.converge("--limit", deployed)
    assert last(deployed)["outcome"] == "confirmed"
    assert "of a slow deploy" in variables(deployed)
