"""What leaves the description leaves the host; what homeport didn't put there stays."""

from __future__ import annotations

import re

import lab
from tests.e2e.lab.project import Project

SCHEDULES = """
schedules:
  tidy:
    command: python -m pinboard.tidy
    at: daily
    timeout: 600
"""


def test_a_process_and_a_schedule_that_left_are_stopped_and_removed(
    project: Project, deployed: str
) -> None:
    worker = (
        "  worker:\n    command: python -m pinboard.worker\n    watchdog: 15\n    memory: 128M\n"
    )
    project.edit("app.yml", worker, "")
    project.edit("app.yml", SCHEDULES, "")
    gone = ("pinboard-worker.service", "pinboard-tidy.service", "pinboard-tidy.timer")
    foretold = project.dry("--limit", deployed).plan(deployed)
    assert {target.rpartition("/")[2] for _, sign, target in foretold if sign == "-"} == set(gone)

    project.converge("--limit", deployed)
    left = lab.run(
        deployed, "systemctl list-units --all --state=loaded --plain --no-legend 'pinboard-*'"
    ).stdout
    files = lab.run(deployed, "systemctl list-unit-files --no-legend 'pinboard-*'").stdout
    web = {f"pinboard-web{suffix}" for suffix in ("@.service", "-health.service", "-health.timer")}
    for listing in (left, files):
        assert {re.sub("@[ab]", "@", line.split()[0]) for line in listing.splitlines()} == web
    assert lab.run(deployed, "systemctl is-system-running").stdout.strip() == "running"
    assert project.converge("--limit", deployed).changed == {}


def test_a_unit_of_the_same_prefix_that_is_not_ours_stays(project: Project, deployed: str) -> None:
    theirs = "/etc/systemd/system/pinboard-theirs.service"
    script = f"printf '[Service]\\nExecStart=/bin/sleep 1\\n' > {theirs}"
    lab.run(deployed, script, root=True).check_returncode()
    assert project.converge("--limit", deployed).changed == {}
    assert lab.run(deployed, f"test -f {theirs}").returncode == 0
    lab.run(deployed, f"rm {theirs}; systemctl daemon-reload", root=True)


def test_a_timer_whose_calendar_changes_is_due_by_the_new_one(
    project: Project, deployed: str
) -> None:
    project.edit("app.yml", "at: daily", 'at: "*-*-* 03:04:05"')
    project.converge("--limit", deployed)
    output = lab.run(deployed, "systemctl show -p TimersCalendar pinboard-tidy.timer").stdout
    assert "next_elapse=" in output
    assert "03:04:05" in output.split("next_elapse=")[1]


def test_an_environment_variable_that_changes_reaches_the_process(
    project: Project, deployed: str
) -> None:
    project.edit(
        "group_data/staging.py", "Pinboard (staging)", "A board of 100 % \\\\ $HOME ' pins"
    )
    done = project.converge("--limit", deployed)
    assert {target for _, _, target in done.plan(deployed)} == {
        "/etc/homeport/pinboard/environment",
        "pinboard-web@.service",
        "pinboard-worker.service",
    }
    pid = "$(systemctl show -p MainPID --value pinboard-worker)"
    output = lab.run(deployed, f"tr '\\0' '\\n' < /proc/{pid}/environ", root=True).stdout
    assert "PINBOARD_TITLE=A board of 100 % \\ $HOME ' pins\n" in output
