"""The description of a bare host, so that deploy.py can work there: from host data to resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pyinfra.api.host import Host

from homeport import manifest, secret_refs
from homeport.description.app_build import root
from homeport.description.host_data import HostData
from homeport.description.rendering import render
from homeport.engine.host_programs import host_program
from homeport.engine.kind import DesiredState, SnapshotContext
from homeport.errors import UserError
from homeport.files.entries import Directory, File
from homeport.hostctl.protocol import READER
from homeport.manifest import FileSecret, Login
from homeport.operations.bootstrap import readers
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName
from homeport.operations.bootstrap.readers import Reader
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.ssh_sessions import KeyLogins
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.operations.bootstrap.zram import Zram
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform
from homeport.ssh import authorized_keys, connection, known_hosts
from homeport.ssh.address import address

LEDGER = "_host"
"""The name under which a bootstrap keeps its ledgers: no application can have it."""
PACKAGES = ("sudo", "tzdata", "unattended-upgrades")
WHERE = "host data"


def describe_bare(name: str, data: Mapping[str, Any]) -> DesiredState:
    """Return what a bare host of this name and data should have; raises ``UserError``."""
    basics = HostData.parse_basics(data)
    machine = _machine(data, basics)
    operator = AdminUser(machine.ssh_user)
    place = address(name, data)
    pinned = known_hosts.pins(_read(place.known_hosts), place.name)
    keys = (
        authorized_keys.own(place.identities)
        if machine.authorized_keys is None
        else authorized_keys.key_lines(machine.authorized_keys, root())
    )
    asking = dict(_readers(machine))
    optional = (
        machine.hostname and HostName(machine.hostname),
        machine.timezone and TimeZone(machine.timezone),
    )
    return DesiredState(
        LEDGER,
        (
            HostPlatform(str(basics.architecture), str(basics.debian)),
            HostKeys(place.name, place.known_hosts, tuple(pin.key for pin in pinned)),
            *(Package(package) for package in PACKAGES),
            operator,
            *asking,
            *_entry(operator, keys),
            *_reading(asking),
            _lockdown(machine),
            *(
                KeyLogins(name, tuple(map(authorized_keys.fingerprint, lines)))
                for name, lines in (
                    (operator.name, keys),
                    *((r.name, k) for r, k in asking.items()),
                )
            ),
            *(resource for resource in optional if resource),
            *_daemons(),
            NoatimeRoot(machine.sd_card),
            Zram(machine.sd_card),
        ),
        SnapshotContext(trusted=(operator.name,)),
    )


def enter_by_first_login(host: Host) -> None:
    """Set how pyinfra logs in to a host: by key, or by the password it came with.

    Raises ``UserError`` if host data are wrong, or the host isn't reached by SSH.
    """
    data = host.data.dict()
    if not connection.is_ssh(host):
        raise UserError(f"{host.name} is not reached by ssh", fix="limit the run to those that are")
    describe_bare(host.name, data)
    machine = _machine(data, HostData.parse_basics(data))
    login = machine.bootstrap_login
    if login and isinstance(login.password, FileSecret) and _file(login).exists():
        # One that others may read is an error now, even if it isn't needed any more.
        _password(login)
    connection.enter_first(
        host,
        address(host.name, data),
        login.user if login else None,
        lambda: _password(login) if login else "",
        machine.host_key_fingerprint,
    )


def _machine(data: Mapping[str, Any], basics: HostData) -> manifest.BootstrapData:
    machine = manifest.validate_machine(data, WHERE)
    if machine.ssh_user == "root":
        fix = 'write ssh_user = "deploy": the user that deploys later, by key and with sudo'
        raise UserError("a bootstrap turns off root logins", fix=fix, file=WHERE, key="ssh_user")
    if not basics.sudo:
        what = "the user that deploys needs sudo"
        raise UserError(what, fix="set _sudo = True", file=WHERE, key="_sudo")
    return machine


def _entry(operator: AdminUser, keys: tuple[str, ...]) -> Iterator[Directory | File]:
    user, folder = operator.name, f"{operator.home}/.ssh"
    # In this order: who can log in can become root as well, wherever a bootstrap dies.
    yield File(
        f"/etc/sudoers.d/homeport-{user}",
        f"Defaults:{user} use_pty\n{user} ALL=(ALL:ALL) NOPASSWD: ALL\n".encode(),
        "440",
        check="visudo -cqf {}",
    )
    yield Directory(folder, "700", user, user)
    content = "".join(f"{key}\n" for key in keys).encode()
    yield File(f"{folder}/authorized_keys", content, "600", user, user)


def _readers(machine: manifest.BootstrapData) -> Iterator[tuple[Reader, tuple[str, ...]]]:
    image = machine.bootstrap_login.user if machine.bootstrap_login else ""
    taken = {"root", machine.ssh_user, image, *machine.allow_users, *machine.deny_users}
    for name, keys in machine.readers.items():
        if name in taken:
            what = f"{name} is an account that may do more"
            fix = "give the reader a name of its own"
            raise UserError(what, fix=fix, file=WHERE, key="readers")
        yield Reader(name), authorized_keys.key_lines(keys, root())


def _reading(asking: Mapping[Reader, tuple[str, ...]]) -> Iterator[Directory | File]:
    if not asking:
        return
    yield File(READER, host_program("homeport-read"), "755")
    line = f"%{readers.GROUP} ALL=(root) NOPASSWD: {READER}\n"
    yield File("/etc/sudoers.d/homeport-readers", line.encode(), "440", check="visudo -cqf {}")
    for reader, keys in asking.items():
        # All of it is root's: a reader lets in no other key.
        yield Directory(reader.home)
        yield Directory(f"{reader.home}/.ssh")
        lines = "".join(f'restrict,command="{READER}" {key}\n' for key in keys)
        yield File(f"{reader.home}/.ssh/authorized_keys", lines.encode())


def _lockdown(machine: manifest.BootstrapData) -> SshdLockdown:
    allowed = tuple(dict.fromkeys((machine.ssh_user, *machine.readers, *machine.allow_users)))
    if both := [user for user in machine.deny_users if user in allowed]:
        what, fix = f"{both[0]} is to be let in as well", "remove it from one of the two"
        raise UserError(what, fix=fix, file=WHERE, key="deny_users")
    if "root" in allowed:
        fix = "remove it: become root by sudo"
        raise UserError("a bootstrap turns off root logins", fix=fix, file=WHERE, key="allow_users")
    image = (machine.bootstrap_login.user,) if machine.bootstrap_login else ()
    users = tuple(dict.fromkeys(("root", *allowed, *image)))
    return SshdLockdown(
        users, machine.confirm_timeout, allowed, machine.deny_users, machine.permit_open
    )


def _daemons() -> Iterator[SystemService]:
    folder = "/etc/systemd/journald.conf.d"
    journal = File(f"{folder}/homeport.conf", render("bootstrap/journald.conf").encode())
    yield SystemService("systemd-journald.service", (Directory(folder), journal))
    check = "apt-config -c {} dump >/dev/null"
    upgrades = render("bootstrap/upgrades").encode()
    upgrade = File("/etc/apt/apt.conf.d/52homeport", upgrades, check=check)
    yield SystemService("apt-daily.timer")
    yield SystemService("apt-daily-upgrade.timer", (upgrade,))


def _password(login: Login) -> str:
    key = "bootstrap_login.password"
    if isinstance(login.password, FileSecret):
        return secret_refs.from_file(_file(login), key)
    return _printed(login.password.command, key, root())


def _file(login: Login) -> Path:
    path = login.password.file if isinstance(login.password, FileSecret) else ""
    return root() / Path(path).expanduser()


def _read(file: Path) -> str:
    try:
        return known_hosts.read(file)
    except OSError as error:
        fix = "make it a file that you can read and write"
        raise UserError(f"can't be read: {error.strerror}", fix=fix, file=file) from None


_printed = cache(secret_refs.from_command)
