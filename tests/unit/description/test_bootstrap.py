"""What a bare host gets, and what is wrong with its data before anybody connects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pyinfra.api.config import Config
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.description import bootstrap
from homeport.description.bootstrap import LEDGER, describe_bare, enter_by_first_login
from homeport.errors import UserError
from homeport.files.entries import Directory, File
from homeport.manifest.types.app_name import AppName
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName
from homeport.operations.bootstrap.readers import Reader
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.ssh_sessions import KeyLogins
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.ssh.first_login import FirstLogin

PROJECT = Path(__file__).parents[3]
Data = dict[str, Any]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    """Host data that say all that is needed, with a key and a password of their own."""
    monkeypatch.setattr(bootstrap, "root", lambda: tmp_path)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "password").touch(mode=0o600)
    (tmp_path / "password").write_text("raspberry\n")
    return {
        "ssh_user": "deploy",
        "ssh_key": str(key),
        "ssh_config_file": "none",
        "ssh_known_hosts_file": str(tmp_path / "known_hosts"),
        "_sudo": True,
        "architecture": "arm64",
        "debian": "12",
        "bootstrap_login": {"user": "pi", "password": {"file": "password"}},
    }


def described(data: Data, kind: type) -> Any:
    (found,) = describe_bare("shed", data).of(kind)
    return found


def test_bootstrap__who_can_log_in_can_become_root_wherever_it_dies(data: Data) -> None:
    files = describe_bare("shed", data).of(File)
    assert [file.path for file in files] == [
        "/etc/sudoers.d/homeport-deploy",
        "/home/deploy/.ssh/authorized_keys",
    ]
    sudoers, keys = files
    assert (sudoers.mode, sudoers.check) == ("440", "visudo -cqf {}")
    assert keys.content == Path(f"{data['ssh_key']}.pub").read_bytes()
    assert (keys.mode, keys.owner) == ("600", "deploy")
    assert described(data, AdminUser).home == "/home/deploy"


def test_bootstrap__every_user_that_could_log_in_is_looked_at(data: Data) -> None:
    found = described(data, SshdLockdown)
    assert found == SshdLockdown(("root", "deploy", "pi"), 120, ("deploy",))
    assert described({**data, "bootstrap_login": None}, SshdLockdown).users == ("root", "deploy")


def test_bootstrap__who_else_may_log_in_and_where_a_login_may_lead_is_host_data(
    data: Data,
) -> None:
    data |= {"allow_users": ["ann", "deploy"], "deny_users": ["git"], "permit_open": ["gate:22"]}
    found = described(data, SshdLockdown)
    assert found.users == ("root", "deploy", "ann", "pi")
    assert (found.allowed, found.denied) == (("deploy", "ann"), ("git",))
    assert found.permit_open == ("gate:22",)


def test_bootstrap__a_reader_has_a_key_of_its_own_and_one_program(data: Data) -> None:
    data["readers"] = {"ann": ["key.pub"]}
    description = describe_bare("shed", data)
    assert [reader.name for reader in description.of(Reader)] == ["ann"]
    files = {file.path: file for file in description.of(File)}
    line = files["/home/ann/.ssh/authorized_keys"].content.decode()
    assert line.startswith('restrict,command="/usr/local/sbin/homeport-read" ssh-ed25519 ')
    sudoers = files["/etc/sudoers.d/homeport-readers"]
    granted = "%homeport-readers ALL=(root) NOPASSWD: /usr/local/sbin/homeport-read\n"
    assert (sudoers.content.decode(), sudoers.check) == (granted, "visudo -cqf {}")
    for path in (*files, *(each.path for each in description.of(Directory))):
        entry = next(e for e in description.resources if getattr(e, "path", "") == path)
        if "ann" in path or "readers" in path:
            assert (entry.owner, entry.group) == ("root", "root")
            assert int(entry.mode, 8) & 0o022 == 0
    assert described(data, SshdLockdown).allowed == ("deploy", "ann")
    assert [logins.user for logins in description.of(KeyLogins)] == ["deploy", "ann"]


def test_bootstrap__without_readers_their_program_is_not_there(data: Data) -> None:
    paths = [file.path for file in describe_bare("shed", data).of(File)]
    assert not [path for path in paths if "read" in path]


def test_bootstrap__only_what_is_said_is_changed(data: Data) -> None:
    description = describe_bare("shed", data)
    assert description.of(HostName) == description.of(TimeZone) == ()
    assert described({**data, "hostname": "shed"}, HostName).name == "shed"
    assert described({**data, "timezone": "Etc/UTC"}, TimeZone).name == "Etc/UTC"
    assert described(data, NoatimeRoot).card is None
    assert described({**data, "sd_card": False}, NoatimeRoot).card is False


def test_bootstrap__what_is_pinned_so_far_is_known_by_the_hosts_address(
    data: Data, tmp_path: Path
) -> None:
    (tmp_path / "known_hosts").write_text("shed ssh-ed25519 AAAA\nother ssh-ed25519 BBBB\n")
    assert described(data, HostKeys).pinned == ("ssh-ed25519 AAAA",)


def test_bootstrap__the_keys_that_are_named_are_the_only_ones(data: Data) -> None:
    line = Path(f"{data['ssh_key']}.pub").read_text().strip()
    data["authorized_keys"] = ["key.pub", f"{line}-and-another-comment"]
    (_, keys) = describe_bare("shed", data).of(File)
    assert len(keys.content.splitlines()) == 2


def test_bootstrap__apt_takes_the_settings_of_ours_and_upgrades_nothing_but_security(
    data: Data, tmp_path: Path
) -> None:
    daemons = {daemon.unit: daemon for daemon in describe_bare("shed", data).of(SystemService)}
    (setting,) = daemons["apt-daily-upgrade.timer"].settings
    parts = tmp_path / "parts"
    parts.mkdir()
    # As Debian's own package has it.
    theirs = 'Unattended-Upgrade::Origins-Pattern { "origin=Debian,codename=x,label=Debian"; };\n'
    (parts / "50unattended-upgrades").write_text(theirs)
    (parts / Path(setting.path).name).write_bytes(setting.content)
    (tmp_path / "apt.conf").write_text(f'Dir::Etc::parts "{parts}";\n')
    result = subprocess.run(
        ["apt-config", "dump", "Unattended-Upgrade::Origins-Pattern"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "APT_CONFIG": str(tmp_path / "apt.conf")},
    )
    origins = [line for line in result.stdout.splitlines() if "origin=" in line]
    assert len(origins) == 2
    assert all("label=Debian-Security" in line for line in origins)


def test_bootstrap__no_application_can_have_the_ledgers_of_a_bootstrap() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AppName).validate_python(LEDGER)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ssh_user": "root"}, r"host data: ssh_user: a bootstrap turns off root logins\. Fix: "),
        ({"bare": {}}, r"group_data: bare: 'bare' is called 'bootstrap_login'\. Fix: write "),
        ({"ssh_user": None}, r"host data: ssh_user: this key is missing"),
        ({"_sudo": None}, r"host data: _sudo: .*Fix: set _sudo = True\."),
        (
            {"bootstrap_login": {"user": "pi", "password": "raspberry"}},
            r"bootstrap_login\.password: ",
        ),
        ({"ssh_key": "/none"}, r"authorized_keys: this machine has no key to log in by"),
        ({"authorized_keys": ["key"]}, r"key: authorized_keys: this is a private key"),
        ({"hostname": "a b"}, r"host data: hostname: "),
        ({"allow_users": ["root"]}, r"allow_users: a bootstrap turns off root logins\. Fix: "),
        ({"deny_users": ["deploy"]}, r"deny_users: deploy is to be let in as well\. Fix: "),
        ({"allow_users": ["ann", "ann"]}, r"allow_users: 'ann' is in the list twice"),
        ({"allow_users": ["*"]}, r"allow_users\[0\]: '\*' is not the name of a user"),
        ({"readers": {"deploy": ["key.pub"]}}, r"readers: deploy is an account that may do more"),
        ({"readers": {"ann": []}}, r"readers\.ann: "),
        ({"readers": {"ann": ["key"]}}, r"this is a private key"),
        ({"readers": ["ann"]}, r"readers: "),
        ({"permit_open": ["10.0.0.7"]}, r"permit_open\[0\]: '10.0.0.7' is not a host and a port"),
        ({"permit_open": ["*:22"]}, r"permit_open\[0\]: '\*:22' is not a host and a port"),
    ],
)
def test_bootstrap__data_that_make_no_sense_are_an_error(
    data: Data, change: Data, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        describe_bare("shed", {**data, **change})


def entered(data: Data, name: str = "shed") -> Any:
    state = State(Inventory(([(name, data)], {})), Config())
    host = state.inventory.get_host(name)
    enter_by_first_login(host)
    return host.connector


def test_bootstrap__the_password_is_read_when_it_is_needed(data: Data, tmp_path: Path) -> None:
    login = entered(data)
    assert isinstance(login, FirstLogin)
    assert (login.way.user, login.way.password()) == ("pi", "raspberry")
    (tmp_path / "password").unlink()
    assert entered(data).way.user == "pi"
    with pytest.raises(UserError, match=r"password: bootstrap_login\.password: can't be read"):
        login.way.password()
    command = {"user": "pi", "password": {"command": ["printf", "from a command"]}}
    assert entered({**data, "bootstrap_login": command}).way.password() == "from a command"
    assert entered({**data, "bootstrap_login": None}).way.user is None


def test_bootstrap__a_password_that_others_may_read_is_refused_before_connecting(
    data: Data, tmp_path: Path
) -> None:
    (tmp_path / "password").chmod(0o644)
    with pytest.raises(UserError, match=r"bootstrap_login\.password: others may read this secret"):
        entered(data)


def test_bootstrap__a_host_that_is_not_reached_by_ssh_is_an_error(data: Data) -> None:
    with pytest.raises(UserError, match="is not reached by ssh"):
        entered(data, "@local")


def test_bootstrap__a_known_hosts_file_that_cannot_be_read_is_an_error(
    data: Data, tmp_path: Path
) -> None:
    (tmp_path / "known_hosts").mkdir()
    with pytest.raises(UserError, match=r"known_hosts: can't be read"):
        describe_bare("shed", data)


def test_bootstrap__an_error_ends_the_run_before_it_connects(tmp_path: Path) -> None:
    for name in ("config.py", "homeport", "kinds", "operations", "deploys", "templates"):
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / "hosts.py").write_text(
        "hosts = [('shed', {'ssh_user': 'deploy', '_sudo': True, 'timezone': 'Europe/Berln'})]\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pyinfra", "hosts.py", "deploys/bootstrap.py", "--dry", "-y"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "host data: timezone: 'Europe/Berln' is not a time zone. Fix: write Europe/B" in output
    assert "Connecting" not in output
    assert "Traceback" not in output
