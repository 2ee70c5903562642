"""The installation of packages: it waits for others, removes nothing, and knows before it begins
whether all of them are offered."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand

from homeport.engine.kind import DesiredState
from homeport.operations.packages import apply as applying
from homeport.operations.packages.kind import diff
from homeport.operations.packages.probe import PackagesState
from homeport.operations.packages.resources import Package
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command

NOTHING = PackagesState(frozenset())
OFFERED = """\
for name in "$@"; do
  if [ "$1$name" = policypolicy ] || [ "$1" = showpkg ]; then continue; fi
  printf '%s:\\n  Candidate: 1\\n' "$name"
done"""
INSTALLED = "echo installed"
LOCKED = (
    "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 12 (apt-get)\n"
    "E: Unable to lock directory /var/lib/apt/lists/"
)


def run(
    path: str, *names: str, patience: int = 600, cloud: str = "/nowhere"
) -> subprocess.CompletedProcess[str]:
    script = applying.install(names, patience).get_raw_value()
    return run_command(StringCommand(script.replace(applying.CLOUD, cloud)), path=path)


def calls(log: Path, of: str = "apt-get") -> list[str]:
    return [call for call in log.read_text().splitlines() if call.startswith(of)]


def test_packages__all_missing_packages_are_installed_in_one_go_and_none_is_removed(
    programs: Programs, log: Path
) -> None:
    description = DesiredState("shop", (Package("curl"), Package("libpq5"), Package("there")))
    there = PackagesState(frozenset({"there"}))
    (command,) = applying.apply(description, there, diff(description, there))
    ask = '[ "$DEBIAN_FRONTEND" = noninteractive ]'
    path = programs(apt_get=ask, dpkg_query=INSTALLED, apt_cache=OFFERED)
    done = run_command(command, path=path)
    assert (done.returncode, done.stderr) == (0, "")
    update, install = calls(log)
    assert update.endswith(" update")
    assert install.endswith(" install curl libpq5")
    assert "--no-install-recommends" in install.split()
    assert "--no-remove" in install.split()
    assert "APT::Get::AutomaticRemove=false" in install.split()


def test_packages__nothing_is_installed_where_one_of_them_is_not_offered(
    programs: Programs, log: Path
) -> None:
    provided = (
        "case $1 in policy) printf 'curl:\\n  Candidate: 1\\n' ;;"
        " *) printf 'Package: awk\\nReverse Provides: \\nmawk 1 (= )\\n' ;; esac"
    )
    path = programs(apt_get="", dpkg_query=INSTALLED, apt_cache=provided)
    done = run(path, "curl", "awk", "crul")
    assert done.returncode == 1
    assert done.stderr == (
        "awk is provided by mawk on this Debian: name that; this Debian has no package crul: "
        "correct its name below apt_packages, for hosts of this release alone in group_data\n"
    )
    assert [call for call in calls(log) if not call.endswith(" update")] == []


def test_packages__what_apt_says_it_installed_is_installed(programs: Programs) -> None:
    path = programs(apt_get="", dpkg_query="echo not-installed", apt_cache=OFFERED)
    done = run(path, "curl")
    assert done.returncode == 1
    assert done.stderr == "curl is not installed, though apt-get said so\n"


@pytest.mark.parametrize("fails", ["update", "install curl"])
def test_packages__an_apt_that_fails_fails_the_phase_at_once(
    fails: str, programs: Programs, log: Path
) -> None:
    script = f'case "$*" in *"{fails}") echo "E: no" >&2; exit 100;; esac'
    path = programs(apt_get=script, dpkg_query=INSTALLED, apt_cache=OFFERED, sleep="exit 9")
    done = run(path, "curl")
    assert (done.returncode, done.stderr) == (100, "E: no\n")


@pytest.mark.parametrize("held", ["update", "install curl"])
def test_packages__a_lock_that_another_apt_holds_is_waited_for(
    held: str, programs: Programs, log: Path, tmp_path: Path
) -> None:
    free = tmp_path / "free"
    script = (
        f'case "$*" in *"{held}") [ -e {free} ] || {{ echo "{LOCKED}" >&2; exit 100; }} ;; esac'
    )
    sleep = f'[ "$(grep -c ^sleep {log})" -lt 3 ] || touch {free}'
    path = programs(apt_get=script, dpkg_query=INSTALLED, apt_cache=OFFERED, sleep=sleep)
    done = run(path, "curl")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(calls(log, "sleep")) == 3


def test_packages__an_apt_that_goes_on_at_work_is_named_in_one_line(programs: Programs) -> None:
    path = programs(apt_get=f'echo "{LOCKED}" >&2; exit 100', dpkg_query="", apt_cache=OFFERED)
    done = run(path, "curl", patience=0)
    assert done.returncode == 100
    assert done.stderr == (
        "others were at work with apt here for 0 s: Could not get lock /var/lib/apt/lists/lock. "
        "It is held by process 12 (apt-get)\n"
    )


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    folder = tmp_path / "cloud-init"
    folder.mkdir()
    (folder / "enabled").touch()
    return folder


STARTING = "echo starting"


def test_packages__the_first_boot_is_waited_for(programs: Programs, log: Path, cloud: Path) -> None:
    # Whatever cloud-init says of itself: after an error it says so, and goes on.
    ends = f"{STARTING}\n[ $(grep -c systemctl {log}) -lt 2 ] || touch {cloud}/result.json"
    path = programs(
        apt_get="", dpkg_query=INSTALLED, apt_cache=OFFERED, systemctl=ends, cloud_init="exit 1"
    )
    assert run(path, "curl", cloud=str(cloud)).returncode == 0
    lines = log.read_text().splitlines()
    assert [line.split()[0] for line in lines].index("apt-get") == 2
    assert lines[:2] == ["systemctl is-system-running"] * 2


def test_packages__a_first_boot_without_end_is_named_in_one_line(
    programs: Programs, log: Path, cloud: Path
) -> None:
    path = programs(apt_get="", apt_cache=OFFERED, systemctl=STARTING)
    done = run(path, "curl", patience=1, cloud=str(cloud))
    assert done.returncode == 1
    assert done.stderr == (
        "cloud-init was at work here for 1 s; see `cloud-init status --long` there\n"
    )
    assert calls(log) == []


@pytest.mark.parametrize("state", ["done", "disabled", "never run"])
def test_packages__a_cloud_init_that_is_not_at_work_costs_nothing(
    state: str, programs: Programs, log: Path, cloud: Path
) -> None:
    if state == "done":
        (cloud / "result.json").touch()
    if state == "disabled":
        (cloud / "enabled").unlink()
    systemctl = "echo running" if state == "never run" else STARTING
    path = programs(apt_get="", dpkg_query=INSTALLED, apt_cache=OFFERED, systemctl=systemctl)
    assert run(path, "curl", patience=0, cloud=str(cloud)).returncode == 0
