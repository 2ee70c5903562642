"""Packages and accounts are added where they are missing, and never taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.operations import packages
from homeport.operations import users as accounts
from homeport.operations.packages import Package
from homeport.operations.users import NOLOGIN, ServiceUser
from tests.unit.engine.delivering import run_command
from tests.unit.engine.shell import checked, is_shell, run
from tests.unit.operations.machines import Programs

names = st.sets(st.from_regex(r"[a-z][a-z0-9.+-]{1,8}", fullmatch=True), max_size=6)


@given(names, names)
def test_packages_that_are_missing_are_added_and_no_others(
    described: set[str], there: set[str]
) -> None:
    description = DesiredState("shop", tuple(Package(name) for name in sorted(described)))
    changes = packages.diff(description, frozenset(there))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target for change in changes}
    assert after == there | described
    assert packages.diff(description, frozenset(after)) == []


@given(names, names)
def test_accounts_that_are_missing_are_added_and_no_others(
    described: set[str], there: set[str]
) -> None:
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in sorted(described)))
    changes = accounts.diff(description, dict.fromkeys(there, NOLOGIN[0]))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target for change in changes}
    assert after == there | described
    assert accounts.diff(description, dict.fromkeys(after, NOLOGIN[0])) == []


def test_a_plan_says_that_a_revert_leaves_them() -> None:
    description = DesiredState("shop", (Package("curl"), ServiceUser("shop", "/x")))
    (package,) = packages.diff(description, frozenset())
    (account,) = accounts.diff(description, {})
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
def test_only_a_package_that_is_installed_whole_counts(line: str, there: bool) -> None:
    assert ("curl" in packages.parse(ProbeOutput(f"{line}\n", ""))) is there


def test_what_is_installed_is_found_and_what_is_not_is_not() -> None:
    wanted = ("dpkg", "no-such-package-1", "base-files", "no-such-package-2")
    description = DesiredState("shop", tuple(Package(name) for name in wanted))
    text = checked(packages.probe(description, ""))
    assert packages.parse(ProbeOutput(text, "")) == {"dpkg", "base-files"}

    description = DesiredState("shop", tuple(Package(name) for name in wanted[1::2]))
    assert packages.parse(ProbeOutput(checked(packages.probe(description, "")), "")) == frozenset()


def test_accounts_that_exist_are_found_and_others_are_not() -> None:
    wanted = ("root", "no-such-account", "nobody")
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in wanted))
    text = checked(accounts.probe(description, ""))
    assert set(accounts.parse(ProbeOutput(text, ""))) == {"root", "nobody"}

    description = DesiredState("shop", (ServiceUser("no-such-account", "/x"),))
    assert accounts.parse(ProbeOutput(checked(accounts.probe(description, "")), "")) == {}


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh", ""])
def test_an_account_that_somebody_logs_in_to_is_never_taken_for_a_service(shell: str) -> None:
    description = DesiredState("shop", (ServiceUser("shop", "/x"),))
    with pytest.raises(PreconditionError, match="give the application another name"):
        accounts.diff(description, {"shop": shell})


def test_a_package_database_that_is_broken_is_not_an_empty_one(programs: Programs) -> None:
    description = DesiredState("shop", (Package("curl"), ServiceUser("shop", "/x")))
    path = programs(dpkg_query="exit 2", getent="exit 1")
    for kind in (packages.KIND, accounts.KIND):
        assert run(f"set -eu\n{kind.probe(description, '')}", path=path).returncode != 0


def test_all_missing_packages_are_installed_in_one_go(programs: Programs, log: Path) -> None:
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


def test_a_virtual_package_is_said_to_be_one(programs: Programs) -> None:
    description = DesiredState("shop", (Package("awk"),))
    (command,) = packages.apply(description, frozenset(), packages.diff(description, frozenset()))
    done = run_command(command, path=programs(apt_get="", dpkg_query="exit 1"))
    assert done.returncode == 1
    assert "name a real one in app.yml" in done.stderr


@pytest.mark.parametrize("fails", ["update", "install"])
def test_an_apt_that_fails_fails_the_phase(fails: str, programs: Programs) -> None:
    description = DesiredState("shop", (Package("curl"),))
    (command,) = packages.apply(description, frozenset(), packages.diff(description, frozenset()))
    path = programs(apt_get=f'case "$*" in *{fails}*) exit 100;; esac')
    assert run_command(command, path=path).returncode == 100


def test_an_account_gets_no_password_no_shell_and_no_home(programs: Programs, log: Path) -> None:
    description = DesiredState(
        "shop", (ServiceUser("shop", "/var/lib/shop"), ServiceUser("b", "/x y"))
    )
    changes = accounts.diff(description, {})
    commands = list(accounts.apply(description, {}, changes))
    path = programs(useradd="")
    for command in commands:
        is_shell(command.get_raw_value())
        assert run_command(command, path=path).returncode == 0
    assert log.read_text().splitlines() == [
        "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "
        "--home-dir /var/lib/shop shop",
        "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "
        "--home-dir /x y b",
    ]
