"""What operations.bootstrap.admin_users promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.operations.bootstrap import admin_users
from homeport.operations.bootstrap.admin_users import AdminUser
from tests.support.bare_host import entry
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked, run

DEPLOY = DesiredState("_host", (AdminUser("deploy"),))


def test_user_that_is_missing_is_made_without_a_password(programs: Programs, log: Path) -> None:
    (change,) = admin_users.diff(DEPLOY, {})
    (command,) = admin_users.apply(DEPLOY, {}, [change])
    assert run_command(command, path=programs(useradd="")).returncode == 0
    assert log.read_text().strip() == (
        "useradd --user-group --create-home --shell /bin/bash --password * "
        "--home-dir /home/deploy deploy"
    )


def test_user_that_is_there_is_taken() -> None:
    assert admin_users.diff(DEPLOY, {"deploy": entry()}) == []


@pytest.mark.parametrize(
    "wrong", [entry(uid="0"), entry(home="/srv/x"), entry(ends="/usr/sbin/nologin")]
)
def test_admin_users__an_account_of_that_name_that_is_not_a_persons_is_refused(
    wrong: list[str],
) -> None:
    with pytest.raises(PreconditionError, match="name another ssh_user"):
        admin_users.diff(DEPLOY, {"deploy": wrong})


def test_users_are_found(programs: Programs) -> None:
    there = DesiredState("_host", (AdminUser("root"), AdminUser("no-such-user")))
    assert set(admin_users.parse(ProbeOutput(checked(admin_users.probe(there, "")), ""))) == {
        "root"
    }
    assert run(
        f"set -eu\n{admin_users.probe(there, '')}", path=programs(getent="exit 1")
    ).returncode
