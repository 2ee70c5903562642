"""Packages and accounts are added where they are missing, and never taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.operations import packages, users
from homeport.operations.packages import Package
from homeport.operations.users import ServiceUser
from tests.support.fake_programs import Programs
from tests.support.planned_names import names
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked, run


@given(names, names)
def test_packages_that_are_missing_are_added_and_no_others(
    described: set[str], there: set[str]
) -> None:
    description = DesiredState("shop", tuple(Package(name) for name in sorted(described)))
    changes = packages.diff(description, frozenset(there))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target.name for change in changes}
    assert after == there | described
    assert packages.diff(description, frozenset(after)) == []


def test_packages__a_plan_says_that_a_revert_leaves_them() -> None:
    description = DesiredState("shop", (Package("curl"), ServiceUser("shop", "/x")))
    (package,) = packages.diff(description, frozenset())
    (account,) = users.diff(description, {})
    assert "a revert leaves it" in package.reason
    assert "a revert leaves it" in account.reason


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("installed curl", True),
        ("config-files curl", False),
        ("half-installed curl", False),
        ("unpacked curl", False),
        ("not-installed curl", False),
        ("installed curl-dev", False),
    ],
)
def test_packages__only_a_package_that_is_installed_whole_counts(line: str, there: bool) -> None:
    assert ("curl" in packages.parse(ProbeOutput(f"{line}\n", ""))) is there


def test_packages__what_is_installed_is_found_and_what_is_not_is_not() -> None:
    wanted = ("dpkg", "no-such-package-1", "base-files", "no-such-package-2")
    description = DesiredState("shop", tuple(Package(name) for name in wanted))
    text = checked(packages.probe(description, ""))
    assert packages.parse(ProbeOutput(text, "")) == {"dpkg", "base-files"}

    description = DesiredState("shop", tuple(Package(name) for name in wanted[1::2]))
    assert packages.parse(ProbeOutput(checked(packages.probe(description, "")), "")) == frozenset()


def test_package_database_that_is_broken_is_not_an_empty_one(programs: Programs) -> None:
    description = DesiredState("shop", (Package("curl"), ServiceUser("shop", "/x")))
    path = programs(dpkg_query="exit 2", getent="exit 1")
    for kind in (packages.KIND, users.KIND):
        assert run(f"set -eu\n{kind.probe(description, '')}", path=path).returncode != 0


def test_packages__all_missing_packages_are_installed_in_one_go(
    programs: Programs, log: Path
) -> None:
    description = DesiredState("shop", (Package("curl"), Package("libpq5"), Package("there")))
    there = frozenset({"there"})
    changes = packages.diff(description, there)
    (command,) = packages.apply(description, there, changes)
    path = programs(apt_get='[ "$DEBIAN_FRONTEND" = noninteractive ]', dpkg_query="")
    assert run_command(command, path=path).returncode == 0
    calls = [call for call in log.read_text().splitlines() if call.startswith("apt-get")]
    assert len(calls) == 2
    assert calls[0].endswith(" update")
    assert calls[1].endswith("--no-install-recommends install curl libpq5")
    assert all("DPkg::Lock::Timeout=300" in call for call in calls)


def test_packages__a_virtual_package_is_said_to_be_one(programs: Programs) -> None:
    description = DesiredState("shop", (Package("awk"),))
    (command,) = packages.apply(description, frozenset(), packages.diff(description, frozenset()))
    done = run_command(command, path=programs(apt_get="", dpkg_query="exit 1"))
    assert done.returncode == 1
    assert "name a real one in app.yml" in done.stderr


@pytest.mark.parametrize("fails", ["update", "install"])
def test_packages__an_apt_that_fails_fails_the_phase(fails: str, programs: Programs) -> None:
    description = DesiredState("shop", (Package("curl"),))
    (command,) = packages.apply(description, frozenset(), packages.diff(description, frozenset()))
    path = programs(apt_get=f'case "$*" in *{fails}*) exit 100;; esac')
    assert run_command(command, path=path).returncode == 100
