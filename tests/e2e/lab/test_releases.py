"""A deploy can't hurt: it is confirmed, or the host runs what it ran before, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import lab
from tests.e2e.lab.project import PINBOARD, Project
from tests.e2e.lab.snapshots import Snapshots

HOST = "staging"
APP = "/var/lib/homeport/pinboard"
BREAKS = "sh -c 'echo last words >&2; exit 3'"
PHASES = ("Begin", "Files", "Releases", "Units", "Services", "Confirm")
REVERTED = f"reverted: {HOST} runs what it ran before"


def on_host(script: str) -> str:
    """Return what a script prints that must succeed there."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_it_is() -> dict[str, str]:
    """Return all that a deploy may have changed, and what runs: nothing of it by our own eyes."""
    return {
        "files": on_host(
            "find /etc/homeport /etc/systemd/system /srv/pinboard/bin /srv/pinboard/current "
            f"{APP}/files {APP}/units {APP}/active /usr/local/sbin "
            "! -type d -printf '%p %m %u %l ' -exec sh -c "
            '\'[ -L "$1" ] || sha256sum <"$1"; echo\' - {} \\; | sort'
        ),
        "runs": on_host(
            f"cat {APP}/active; readlink /run/homeport-sockets/pinboard/web.sock; "
            "for unit in web@a web@b worker; do "
            "systemctl show -p Id,ActiveState,UnitFileState pinboard-$unit; "
            "cat /proc/$(systemctl show --value -p MainPID pinboard-$unit)/environ "
            "| tr '\\0' '\\n' | grep -E '^PINBOARD_(TITLE|NOTE)'; done"
        ),
        "answers": on_host(f"curl -sf -o /dev/null -w %{{http_code}} {PINBOARD}/health/ready"),
    }


def history() -> list[dict[str, Any]]:
    """Return the lines of the host's history; each must be whole."""
    return [json.loads(line) for line in on_host(f"cat {APP}/history").splitlines()]


def settle() -> None:
    """Wait until the host has ended the deploy that nobody holds any more, by itself."""
    for _ in range(120):
        if lab.run(HOST, f"test -e {APP}/journal", root=True).returncode == 1:
            return
        time.sleep(0.5)
    raise AssertionError(on_host(f"cat {APP}/journal; systemctl list-units 'homeportctl-*'"))


def reachable() -> None:
    """Wait until the host lets somebody in anew: a connection that is there goes on all along."""
    for _ in range(60):
        if lab.run(HOST, "systemctl is-active --quiet ssh").returncode == 0:
            return
        time.sleep(0.5)
    raise AssertionError("it lets nobody in")


def change(project: Project, title: str) -> None:
    """Change all that a deploy goes through: code, a variable, a unit."""
    tidy = project.folder / "examples/pinboard/pinboard/tidy.py"
    tidy.write_text(f"{tidy.read_text()}\n# {title}\n")
    project.edit("group_data/staging.py", "Pinboard (staging)", title)
    project.edit("app.yml", "memory: 128M", "memory: 127M")


@pytest.fixture(scope="module")
def serving(snapshots: Snapshots) -> dict[str, str]:
    """Return how a host is that was deployed to, and stays so through all that fails."""
    snapshots.deployed(HOST)
    return as_it_is()


def test_a_gate_that_fails_leaves_what_ran_running_and_tells_why(
    project: Project, serving: dict[str, str]
) -> None:
    change(project, "breaks")
    project.edit("app.yml", "python -m pinboard.worker", BREAKS)
    before = len(history())
    done = project.deploy("--limit", HOST)
    assert done.code != 0
    assert "pinboard-worker.service did not start" in done.output
    assert "last words" in done.output
    assert REVERTED in done.output
    assert "Traceback" not in done.output
    assert as_it_is() == serving
    line, *more = history()[before:]
    assert (line["outcome"], more) == ("reverted", [])
    assert "pinboard-worker.service did not start" in line["reason"]


def test_what_came_of_it_is_said_on_the_next_contact_and_nothing_is_to_be_mended(
    project: Project, serving: dict[str, str]
) -> None:
    done = project.converge("--limit", HOST, "--debug")
    assert done.changed == {}
    assert done.output.count(f"Running command on {HOST}:") == 1
    assert ") was reverted: " in done.output


@pytest.mark.parametrize("phase", PHASES)
def test_a_controller_that_is_killed_in_any_phase_leaves_what_ran_running(
    project: Project, serving: dict[str, str], phase: str
) -> None:
    change(project, f"killed in {phase}")
    if phase == "Confirm":
        # The host is asked so soon that a kill would come too late.
        waits = "    __import__('time').sleep(60)\n    result = transaction.confirm(host)"
        project.edit(
            "homeport/deployment/lifecycle.py", "    result = transaction.confirm(host)", waits
        )
    before = len(history())
    project.deploy_until(phase, "--limit", HOST)
    settle()
    assert as_it_is() == serving
    # The phase may begin before the kill arrives; it may be killed before the host began.
    assert [line["outcome"] for line in history()[before:]] in ([], ["reverted"])


def test_a_confirmation_that_does_not_arrive_reverts(
    project: Project, serving: dict[str, str]
) -> None:
    change(project, "unreachable")
    project.edit("homeport/openssh/new_login.py", "PATIENCE = 45.0", "PATIENCE = 4.0")
    project.edit(
        "deploy.py",
        "lifecycle.confirm(",
        # Connections that are there go on; no new one is made until the timer has fired.
        'server.shell(name="Close", commands=["systemd-run -q --on-active=12 systemctl start ssh", '
        '"systemctl stop ssh.socket ssh.service"])\nlifecycle.confirm(',
    )
    project.edit(
        "deploy.py",
        "from pyinfra import host, local\n",
        "from pyinfra import host, local\nfrom pyinfra.operations import server\n",
    )
    done = project.deploy("--limit", HOST)
    reachable()
    assert done.code != 0
    assert "could not confirm over a new connection" in done.output
    assert REVERTED in done.output
    assert as_it_is() == serving
    assert history()[-1]["reason"].startswith("Confirm failed: nothing listens on port 22 of ")


@contextmanager
def held(project: Project, phase: str) -> Iterator[subprocess.Popen[str]]:
    """Deploy up to a phase, and stop the controller there; go on and end it afterwards."""
    command = project.command("-y", "inventories/lab.py", "deploy.py", "--limit", HOST)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert any(f"Starting operation: {phase}" in line for line in process.stdout)
        process.send_signal(signal.SIGSTOP)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.stdout.read()


def test_of_two_deploys_at_once_one_is_refused_and_told_whose_the_other_is(
    project: Project, serving: dict[str, str]
) -> None:
    project.edit("app.yml", "memory: 128M", "memory: 127M")
    before = len(history())
    with held(project, "Files") as first:
        second = project.deploy("--limit", HOST)
    assert first.returncode == 0
    assert second.code != 0
    assert " is at work on it since " in second.output
    assert second.plan(HOST) == []
    assert [line["outcome"] for line in history()[before:]] == ["confirmed"]
    # Back to what all the others compare with.
    project.edit("app.yml", "memory: 127M", "memory: 128M")
    project.converge("--limit", HOST)


def test_a_locked_host_is_not_deployed_to_and_says_why(
    project: Project, serving: dict[str, str]
) -> None:
    on_host("homeportctl lock 'no deploys on Friday' --for 1h")
    try:
        assert project.converge("--limit", HOST).changed == {}
        before = as_it_is()
        change(project, "locked out")
        done = project.deploy("--limit", HOST)
        assert done.code != 0
        assert "it is locked by " in done.output
        assert "no deploys on Friday; wait, or run `sudo homeportctl unlock` there" in done.output
        assert done.plan(HOST) == []
        assert as_it_is() == before
    finally:
        on_host("homeportctl unlock")


def test_the_history_has_one_line_for_each_deploy_that_began(
    project: Project, serving: dict[str, str]
) -> None:
    ids = [line["id"] for line in history()]
    assert len(ids) == len(set(ids))
    assert ids == sorted(ids)
    for line in history():
        assert line["outcome"] in ("confirmed", "reverted")
        assert "@" in line["who"]
        assert len(line["plan"]) == 64
