"""What operations.users promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.operations import users
from homeport.operations.users import NOLOGIN, ServiceUser
from tests.support.fake_programs import Programs
from tests.support.planned_names import names
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked, is_shell


@given(names, names)
def test_users__accounts_that_are_missing_are_added_and_no_others(
    described: set[str], there: set[str]
) -> None:
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in sorted(described)))
    changes = users.diff(description, dict.fromkeys(there, NOLOGIN[0]))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target.name for change in changes}
    assert after == there | described
    assert users.diff(description, dict.fromkeys(after, NOLOGIN[0])) == []


def test_users__accounts_that_exist_are_found_and_others_are_not() -> None:
    wanted = ("root", "no-such-account", "nobody")
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in wanted))
    text = checked(users.probe(description, ""))
    assert set(users.parse(ProbeOutput(text, ""))) == {"root", "nobody"}

    description = DesiredState("shop", (ServiceUser("no-such-account", "/x"),))
    assert users.parse(ProbeOutput(checked(users.probe(description, "")), "")) == {}


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh", ""])
def test_users__an_account_that_somebody_logs_in_to_is_never_taken_for_a_service(
    shell: str,
) -> None:
    description = DesiredState("shop", (ServiceUser("shop", "/x"),))
    with pytest.raises(PreconditionError, match="give the application another name"):
        users.diff(description, {"shop": shell})


def test_users__an_account_gets_no_password_no_shell_and_no_home(
    programs: Programs, log: Path
) -> None:
    description = DesiredState(
        "shop", (ServiceUser("shop", "/var/lib/shop"), ServiceUser("b", "/x y"))
    )
    changes = users.diff(description, {})
    commands = list(users.apply(description, {}, changes))
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
