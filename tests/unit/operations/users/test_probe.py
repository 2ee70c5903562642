"""The probe of accounts, with the host's own programs and with others in their place."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.operations.users import probe as probing
from homeport.operations.users.probe import Account, DirectoryState, UsersState, parse, probe
from homeport.operations.users.resources import ServiceUser
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root
from tests.support.real_shell import SHELLS, checked, run

each_shell = pytest.mark.parametrize("shell", SHELLS)


def found(script: str, shell: Sequence[str] = ("sh",)) -> UsersState:
    return parse(ProbeOutput(checked(script, shell).rstrip("\n"), ""))


@each_shell
def test_users__accounts_and_groups_that_exist_are_found_and_others_are_not(
    shell: Sequence[str],
) -> None:
    wanted = ("root", "no-such-account", "nobody", "adm")
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in wanted))
    state = found(probe(description, ""), shell)
    assert state.accounts.keys() == {"root", "nobody"}
    root = pwd.getpwnam("root")
    assert state.accounts["root"] == Account(root.pw_gecos, root.pw_dir, root.pw_shell)
    assert state.groups == {"adm"}
    assert state.directories == {}


@each_shell
@as_root
def test_users__a_directory_that_goes_meanwhile_is_none(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    # As the runtime directory of a slot does that stops: when it is opened, and when it is asked
    # whose it is.
    for name, owner in (("ours", 0), ("theirs", pwd.getpwnam("daemon").pw_uid), ("stays", 1)):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, owner, owner)
    goes = f"rmdir {tmp_path}/ours 2>/dev/null || rmdir {tmp_path}/theirs 2>/dev/null || :"
    paths = tuple(str(tmp_path / name) for name in ("ours", "theirs", "stays"))
    script = probe(DesiredState("shop", (ServiceUser("shop", "/x", directories=paths),)), "")
    state = found(f'find() {{ {goes}; command find "$@"; }}\n{script}', shell)
    assert state.directories.keys() == {paths[2]}


@each_shell
@as_root
def test_users__it_is_told_whose_each_directory_is(tmp_path: Path, shell: Sequence[str]) -> None:
    daemon = pwd.getpwnam("daemon").pw_uid
    for name, owner in (("full", 0), ("empty", 0), ("theirs", daemon), ("orphan", 64999)):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, owner, owner)
    (tmp_path / "full/x").touch()
    (tmp_path / "empty/lost+found").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("theirs")
    (tmp_path / "nowhere").symlink_to("nothing")
    names = ("full", "empty", "theirs", "orphan", "file", "link", "nowhere", "none")
    user = ServiceUser("no-such-account", "/x", tuple(f"{tmp_path}/{name}" for name in names))
    state = found(probe(DesiredState("shop", (user,)), ""), shell)
    assert {Path(path).name: there for path, there in state.directories.items()} == {
        "full": DirectoryState("d", "root"),
        "empty": DirectoryState("d", "root", empty=True),
        "theirs": DirectoryState("d", "daemon"),
        "orphan": DirectoryState("d", "64999"),
        "file": DirectoryState("f", "root"),
        "link": DirectoryState("d", "daemon"),
        "nowhere": DirectoryState("l", "root"),
    }


@as_root
def test_users__directories_of_packages_and_of_other_file_systems_are_told_apart() -> None:
    user = ServiceUser("no-such-account", "/x", ("/var/lib/dpkg",), ("/proc",), "/var/lib")
    state = found(probe(DesiredState("shop", (user,)), ""))
    assert "dpkg" in state.directories["/var/lib/dpkg"].packages
    assert state.directories["/proc"].mounted
    assert not state.directories["/var/lib"].mounted


def test_users__an_application_with_a_record_is_known(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "crm").touch()
    names = ("shop", "crm", "blog")
    description = DesiredState("shop", tuple(ServiceUser(name, "/x") for name in names))
    assert found(probe(description, "").replace(probing.STATE, str(tmp_path))).known == {"shop"}


@pytest.mark.parametrize("code", [1, 3])
def test_users__a_database_that_does_not_answer_is_not_an_empty_one(
    code: int, programs: Programs
) -> None:
    description = DesiredState("shop", (ServiceUser("shop", "/x"),))
    done = run(f"set -eu\n{probe(description, '')}", path=programs(getent=f"exit {code}"))
    assert done.returncode == code


@pytest.mark.parametrize("line", ["", "shop", "passwd\tshop:x:1", "at\t/x", "known", "x\ty"])
def test_users__a_line_that_is_not_understood_is_an_error(line: str) -> None:
    with pytest.raises(ProbeError, match="is not understood"):
        parse(ProbeOutput(f"known\tshop\n{line}\nknown\tcrm", ""))
