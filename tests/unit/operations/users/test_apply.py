"""What an account of an application is made with."""

from __future__ import annotations

from pathlib import Path

from homeport.engine.kind import DesiredState
from homeport.operations.users.apply import apply
from homeport.operations.users.kind import diff
from homeport.operations.users.probe import UsersState
from homeport.operations.users.resources import ServiceUser
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command
from tests.support.real_shell import is_shell


def test_users__an_account_gets_no_password_no_shell_and_no_home_and_says_who_made_it(
    programs: Programs, log: Path
) -> None:
    description = DesiredState(
        "shop", (ServiceUser("shop", "/var/lib/shop"), ServiceUser("b", "/x y"))
    )
    commands = list(apply(description, UsersState(), diff(description, UsersState())))
    path = programs(useradd="")
    for command in commands:
        is_shell(command.get_raw_value())
        assert run_command(command, path=path).returncode == 0
    assert log.read_text().splitlines() == [
        "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "
        "--comment Application deployed by homeport --home-dir /var/lib/shop shop",
        "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "
        "--comment Application deployed by homeport --home-dir /x y b",
    ]
