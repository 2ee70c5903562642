"""A deploy that dies is undone by the host, wherever it died; the next one finds a whole host."""

from __future__ import annotations

import time

import pytest

import lab
from tests.e2e.lab.project import PINBOARD, Project

pytestmark = pytest.mark.long

PHASES = ("Packages", "Users", "Files", "Virtual environments", "Releases", "Units", "Services")


def settle(host: str) -> None:
    """Wait until the host has undone a deploy, and nothing of a killed controller is at work."""
    # In brackets, so that the search doesn't find itself.
    works = "homeport-stag[e]|SHA256SUM[S]|check-import[s]|apt-ge[t]|systemct[l]"
    script = f"! pgrep -f '{works}' >/dev/null && ! test -e /var/lib/homeport/pinboard/journal"
    for _ in range(120):
        if lab.run(host, script, root=True).returncode == 0:
            return
        time.sleep(0.5)
    raise AssertionError("a command of the killed deploy never ended")


@pytest.mark.parametrize("phase", PHASES)
def test_a_first_deploy_killed_at_any_phase_is_mended_by_the_next(
    project: Project, fresh: str, phase: str
) -> None:
    project.deploy_until(phase, "--limit", fresh)
    settle(fresh)
    project.converge("--limit", fresh)
    assert '"ready":true' in lab.run(fresh, f"curl -s {PINBOARD}/health/ready").stdout
    assert project.converge("--limit", fresh).changed == {}


@pytest.mark.parametrize("phase", ("Units", "Services"))
def test_what_a_killed_deploy_would_have_changed_the_next_one_changes(
    project: Project, deployed: str, phase: str
) -> None:
    title = f"killed before {phase.lower()}"
    project.edit("group_data/staging.py", "Pinboard (staging)", title)
    project.deploy_until(phase, "--limit", deployed)
    settle(deployed)
    assert title not in lab.run(deployed, f"curl -s {PINBOARD}/").stdout
    done = project.converge("--limit", deployed)
    assert {"Files", "Services"} <= set(done.changed)
    assert title in lab.run(deployed, f"curl -s {PINBOARD}/").stdout
    assert project.converge("--limit", deployed).changed == {}


def test_a_process_that_runs_what_it_should_not_is_restarted_by_the_next_deploy(
    project: Project, deployed: str
) -> None:
    # A restart is observed: the files are as described, and the process read others at its start.
    file = "/etc/homeport/pinboard/environment"
    script = f"cp -p {file} /run/kept && echo A=1 >>{file} && systemctl restart pinboard-worker"
    lab.run(deployed, f"{script} && mv /run/kept {file}", root=True).check_returncode()
    plan = project.dry("--limit", deployed).plan(deployed)
    assert plan == [("services", "~", "pinboard-worker.service")]
    project.converge("--limit", deployed)
    assert project.converge("--limit", deployed).changed == {}


def test_a_unit_that_systemd_never_read_is_read_by_the_next_deploy(
    project: Project, deployed: str
) -> None:
    # What a deploy leaves behind that dies between writing a unit and having it read.
    unit = "/etc/systemd/system/pinboard-worker.service"
    script = f"sed -i 's/pinboard: worker/older/' {unit} && systemctl daemon-reload && "
    script += f"sleep 1 && sed -i 's/older/pinboard: worker/' {unit}"
    lab.run(deployed, script, root=True).check_returncode()
    show = "systemctl show --value -p Description pinboard-worker"
    assert lab.run(deployed, show).stdout == "older\n"
    assert project.dry("--limit", deployed).plan(deployed) == [("units", "~", unit)]
    project.converge("--limit", deployed)
    assert lab.run(deployed, show).stdout == "pinboard: worker\n"
    assert project.converge("--limit", deployed).changed == {}


def test_a_staging_folder_that_a_killed_deploy_left_is_removed(
    project: Project, deployed: str
) -> None:
    left = "/etc/homeport/pinboard/.homeport-stage"
    lab.run(deployed, f"mkdir -m 700 {left} && echo half > {left}/secrets", root=True)
    assert project.converge("--limit", deployed).plan(deployed) == [("files", "-", left)]
    assert lab.run(deployed, f"test -e {left}", root=True).returncode == 1
