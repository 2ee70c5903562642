"""The lab's SSH: keys of its own, one ssh_config, and running things through it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from homeport.errors import UserError
from lab import machine, passwords
from lab.command import SYSTEM_PATH, environment, output
from lab.paths import Place
from lab.privilege import is_root, owner
from lab.spec import ORDINARY_USER
from lab.state import Host, State, replace

KINDS = ("ed25519", "ecdsa")
"""The kinds of host keys; only a bare host has more than the first."""

_HOST = """\
Host {name}
    HostName {address}
    Port 22
    User {user}
    IdentityFile {key}
    IdentitiesOnly yes
    UserKnownHostsFile {known_hosts}
    StrictHostKeyChecking yes
    ControlMaster auto
    ControlPath {sockets}/%C
    ControlPersist 60
    ConnectTimeout 10
    ServerAliveInterval 10
    ServerAliveCountMax 6
    LogLevel ERROR
"""


def config(where: Place, state: State) -> str:
    """Return the ssh_config of a lab."""
    return "\n".join(
        _HOST.format(
            name=name,
            address=state.address(host),
            # No key opens a bare host, until it is bootstrapped for this user.
            user=ORDINARY_USER if host.bare else host.user,
            key=_quoted(where.key),
            known_hosts=_quoted(where.pinned if host.bare else where.known_hosts),
            sockets=where.sockets,
        )
        for name, host in sorted(state.hosts.items())
    )


def known_hosts(state: State, public_keys: dict[str, str]) -> str:
    """Return the lines that pin each host's key to its name and its address."""
    return "".join(
        f"{name},{state.address(state.hosts[name])} {' '.join(key.split()[:2])}\n"
        for name, key in sorted(public_keys.items())
    )


def prepare(where: Place, state: State) -> None:
    """Make the keys that are missing, and write ssh_config and known_hosts.

    Raises UserError when the directory for the sockets belongs to someone else.
    """
    where.sockets.mkdir(mode=0o700, exist_ok=True)
    if where.sockets.is_symlink() or where.sockets.stat().st_uid not in (0, owner()[0]):
        raise UserError(f"{where.sockets} is not ours", fix=f"remove {where.sockets}")
    _make_key(where.key, "homeport lab")
    if any(host.asks for host in state.hosts.values()):
        passwords.password(where.sudo_password)
    public_keys = {}
    for name, host in state.hosts.items():
        for kind in KINDS if host.bare else KINDS[:1]:
            key = host_key(where, name, kind)
            key.parent.mkdir(parents=True, exist_ok=True)
            _make_key(key, name, kind)
        if not host.bare:
            public_keys[name] = host_key(where, name).with_suffix(".pub").read_text()
    replace(where.known_hosts, known_hosts(state, public_keys))
    replace(where.ssh_config, config(where, state))
    for path in (where.sockets, where.key, where.known_hosts, where.ssh_config):
        os.chown(path, *owner())


def host_key(where: Place, name: str, kind: str = KINDS[0]) -> Path:
    """Return the private key by which a host proves who it is; a reset keeps it."""
    return where.host(name) / f"ssh_host_{kind}_key"


def command(where: Place, name: str, *options: str) -> list[str]:
    """Return the beginning of a command line that runs something on a host."""
    return ["ssh", "-F", str(where.ssh_config), *options, name]


def inside(where: Place, name: str, user: str) -> list[str]:
    """Return the beginning of a command line that runs something in a host that has no key of ours.

    It enters the host's namespaces from beneath, which takes root here.
    """
    leader = str(machine.leader(where.machine(name)))
    clean = ["env", "-i", "TERM=dumb", f"PATH={SYSTEM_PATH}:/usr/bin:/bin", "LC_ALL=C.UTF-8"]
    login = [] if user == "root" else ["runuser", "-u", user, "--"]
    root = [] if is_root() else ["sudo", "-n"]
    return [*root, "nsenter", "--target", leader, "--all", "--", *clean, *login]


def run(
    where: Place,
    state: State,
    name: str,
    what: str | Sequence[str],
    *,
    root: bool,
    stdin: str,
    timeout: float | None,
    options: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a command line (a list) or a shell script (a string) on a host and return its result.

    Raises subprocess.TimeoutExpired.
    """
    line = ["sh", "-c", what] if isinstance(what, str) else list(what)
    host = state.hosts[name]
    if host.bare:
        try:
            whole = [*inside(where, name, "root" if root else host.user), *line]
        except UserError as error:
            # What ssh itself says of a host that doesn't answer, or not yet.
            return subprocess.CompletedProcess(line, 255, "", str(error))
    else:
        if root:
            sudo, password = as_root(where, host)
            line, stdin = [*sudo, *line], password + stdin
        whole = [*command(where, name, *options), "--", shlex.join(line)]
    return subprocess.run(
        whole,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment(),
        timeout=timeout,
        check=False,
    )


def as_root(where: Place, host: Host) -> tuple[list[str], str]:
    """Return what makes a command line of a host's user root's, and what it reads first."""
    if host.user == "root":
        return [], ""
    if not host.asks:
        return ["sudo", "-n", "--"], ""
    # With -k it asks each time: a password that was sent is never input of the command.
    return ["sudo", "-k", "-S", "-p", "", "--"], where.sudo_password.read_text()


def hang_up(where: Place, name: str) -> None:
    """End the shared connection to a host, if there is one: it would outlive the host."""
    _exit(command(where, name, "-O", "exit"))


def remove(where: Place) -> None:
    """End all shared connections, even to hosts that no record names, and their directory."""
    for socket in where.sockets.glob("*"):
        _exit(["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", "lab"])
    shutil.rmtree(where.sockets, ignore_errors=True)


def _exit(line: list[str]) -> None:
    subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)


def _make_key(path: Path, comment: str, kind: str = KINDS[0]) -> None:
    if path.exists() and path.with_suffix(".pub").exists():
        return
    path.unlink(missing_ok=True)
    output(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", str(path)])


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
