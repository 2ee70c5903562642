"""What hangs or lies is restarted by the host itself, within its budget; what is well never is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

import lab
from tests.e2e.lab.project import PINBOARD, SLOT, Project
from tests.e2e.lab.snapshots import Snapshots

HOST, WATCH = "staging", "pinboard-web-health"
LIE = "/var/lib/pinboard/lie"
HANG = f"kill -STOP $(pgrep -P $(systemctl show -p MainPID --value pinboard-web@{SLOT}))"
PATIENCE = 60
NUMBERS = (
    "{interval: 1, timeout: 1, failure_threshold: 2, max_restarts_per_hour: 1, start_period: 20}"
)


@pytest.fixture(scope="module")
def watched(snapshots: Snapshots, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project whose web process is asked every second, and lies on demand."""
    snapshots.deployed(HOST)
    project = Project(tmp_path_factory.mktemp("watched"))
    web = "examples/pinboard/pinboard/web.py"
    lies = '{"live": not (store.location().parent / "lie").exists()}'
    project.edit(web, '{"live": True}', lies)
    project.edit("app.yml", "      start_period: 40\n", "")
    numbers = NUMBERS.strip("{}").replace(", ", "\n      ")
    project.edit("app.yml", "    health:\n", f"    health:\n      {numbers}\n")
    project.edit("app.yml", "    notify: true\n", "    notify: true\n    stop_timeout: 2\n")
    project.converge("--limit", HOST)
    return project


@pytest.fixture
def web(watched: Project) -> Iterator[str]:
    """Return the start of a process that is well, and has all its restarts before it."""
    ran("systemctl stop pinboard-web-health.timer pinboard-web-health.service")
    ran(f"rm -rf {LIE} /run/homeport/health/*; systemctl reset-failed")
    ran(f"systemctl restart {serving()}")
    until(lives, True)
    ran("systemctl start pinboard-web-health.timer")
    until(lambda: '"lived": true' in remembered(), True)
    yield shown(serving(), "InvocationID")
    # A lot of starts in a short time: systemd is to forget them.
    ran(f"rm -f {LIE}; systemctl reset-failed")


def ran(script: str) -> str:
    """Run a script as root, and return what it said."""
    done = lab.run(HOST, script, root=True)
    done.check_returncode()
    return done.stdout.strip()


def serving() -> str:
    """Return the unit of the slot that serves."""
    return ran(f"echo pinboard-web@{SLOT}.service")


def shown(unit: str, name: str) -> str:
    """Return a property of a unit."""
    return ran(f"systemctl show -p {name} --value {unit}")


def lives() -> bool:
    """Return whether the process says that it lives."""
    output = lab.run(HOST, f"curl -s --max-time 1 {PINBOARD}/health/live").stdout
    return '"live":true' in output


def until(observe: Callable[[], object], wanted: object) -> None:
    """Wait until something is as it should be; fail if it never is."""
    end = time.monotonic() + PATIENCE
    while (seen := observe()) != wanted:
        assert time.monotonic() < end, f"still {seen}"
        time.sleep(0.3)


def is_another(before: str) -> bool:
    """Return whether the process was started anew, and runs."""
    return (
        shown(serving(), "InvocationID") not in ("", before)
        and shown(serving(), "ActiveState") == "active"
    )


def remembered() -> str:
    """Return what the watch knows of the process."""
    return lab.run(HOST, f"cat /run/homeport/health/{serving()}", root=True).stdout


def test_a_process_that_is_well_is_asked_all_the_time_and_never_restarted(web: str) -> None:
    starts = set()
    while len(starts) < 5:
        starts.add(shown(f"{WATCH}.service", "ExecMainStartTimestampMonotonic"))
    assert shown(serving(), "InvocationID") == web
    assert '"lived": true, "failures": 0' in remembered()
    assert shown(f"{WATCH}.service", "Result") == "success"


@pytest.mark.parametrize("fault", [HANG, f"touch {LIE}"], ids=["hangs", "lies"])
def test_a_process_that_does_not_live_is_restarted(web: str, fault: str) -> None:
    since = ran("journalctl --no-pager -n 0 --show-cursor -q | cut -d' ' -f3")
    ran(fault)
    until(lambda: is_another(web), True)
    ran(f"rm -f {LIE}")
    until(lives, True)
    journal = ran(f"journalctl --no-pager -q -o cat --after-cursor '{since}' -u {WATCH}")
    assert "(2 of 2 in a row)" in journal
    assert f"{serving()} is restarted (1 of 1 in an hour)" in journal
    assert shown(serving(), "NRestarts") == "0"


def test_a_process_that_had_its_restarts_is_left_alone_and_everybody_sees_it(
    web: str, watched: Project
) -> None:
    since = ran("journalctl --no-pager -n 0 --show-cursor -q | cut -d' ' -f3")
    ran(f"touch {LIE}")
    until(lambda: is_another(web), True)
    ran(f"rm -f {LIE}")
    second = shown(serving(), "InvocationID")
    until(lambda: f'"{second}"' in (memory := remembered()) and '"lived": true' in memory, True)
    ran(f"touch {LIE}")
    until(lambda: shown(f"{WATCH}.service", "ActiveState"), "failed")
    assert f"{WATCH}.service" in ran("systemctl list-units --failed --no-legend 'pinboard-*'")
    proof = watched.prove(f"--limit={HOST}", "-k", "watch_has_not or answers_on")
    assert proof.returncode == 1, proof.stdout
    assert f"{WATCH}.service failed" in proof.stdout
    assert "/health/live answers without '\"live\":true'" in proof.stdout
    assert (shown(serving(), "InvocationID"), shown(serving(), "ActiveState")) == (second, "active")

    ran(f"rm -f {LIE}")
    until(lambda: '"given up": false' in remembered(), True)
    until(lambda: shown(f"{WATCH}.service", "ActiveState"), "inactive")
    journal = ran(f"journalctl --no-pager -q -o cat --after-cursor '{since}' -u {WATCH}")
    assert journal.count("has had all restarts of this hour") == 1
    assert journal.count("is restarted") == journal.count("is well again") == 1


def test_who_stops_a_process_ends_its_watch_first_so_nothing_starts_it_again(web: str) -> None:
    ran("systemctl stop pinboard-web-health.timer")
    file = "/etc/homeport/pinboard/health.yml"
    slow = "s/timeout: 1/timeout: 99/; s/failure_threshold: 2/failure_threshold: 1/"
    ran(f"cp -p {file} /run/kept; sed -i '{slow}' {file}")
    try:
        ran(HANG)
        ran(f"systemctl start --no-block {WATCH}.service")
        until(lambda: lab.run(HOST, "pgrep -x curl").returncode, 0)
        ran(f"systemctl stop {serving()}")
        assert shown(f"{WATCH}.service", "ActiveState") == "inactive"
        # What hangs is killed in the end, and systemd calls that a failure.
        assert shown(serving(), "ActiveState") == "failed"
        assert ran("systemctl list-jobs --no-legend 'pinboard-*'") == ""
    finally:
        ran(f"mv /run/kept {file}; systemctl start {serving()}")


def test_a_release_is_not_ready_as_long_as_its_answer_lacks_the_body(
    web: str, watched: Project
) -> None:
    ready = """ready: {path: /health/ready, expect_body: '"ready":true'}"""
    never = "ready: {path: /health/live, expect_body: no-such-text}"
    watched.edit("app.yml", ready, f"{never}\n    tasks: 99")
    watched.edit("app.yml", "start_period: 20", "start_period: 3")
    done = watched.deploy("--limit", HOST)
    watched.edit("app.yml", f"{never}\n    tasks: 99", ready)
    watched.edit("app.yml", "start_period: 3", "start_period: 20")
    watched.converge("--limit", HOST)
    assert done.code != 0
    assert " did not get ready" in done.output
    assert "answers 200, but 'no-such-text' is not in its body" in done.output


def test_what_people_reach_is_watched_whatever_it_is_asked_and_nothing_is_restarted(
    web: str, watched: Project
) -> None:
    live = """      live: {path: /health/live, expect_body: '"live":true'}\n"""
    watched.edit("app.yml", live, "")
    try:
        plan = watched.converge("--limit", HOST).plan(HOST)
        gone = {target.rpartition("/")[2] for _, sign, target in plan if sign == "-"}
        assert gone == set()
        assert shown(f"{WATCH}.timer", "ActiveState") == "active"
        assert shown(serving(), "InvocationID") == web
    finally:
        watched.edit("app.yml", "    health:\n", f"    health:\n{live}")
    watched.converge("--limit", HOST)
    assert shown(f"{WATCH}.timer", "ActiveState") == "active"
    assert shown(serving(), "InvocationID") == web
