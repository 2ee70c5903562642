"""How hosts are reached: keys of the lab's own, one ssh_config, and running things through it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from homeport.errors import Mistake
from lab.command import environment, output
from lab.place import Place
from lab.privilege import owner
from lab.state import State, replace

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
            user=host.user,
            key=_quoted(where.key),
            known_hosts=_quoted(where.known_hosts),
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

    Raises Mistake when the directory for the sockets belongs to someone else.
    """
    where.sockets.mkdir(mode=0o700, exist_ok=True)
    if where.sockets.is_symlink() or where.sockets.stat().st_uid not in (0, owner()[0]):
        raise Mistake(f"{where.sockets} is not ours", mend=f"remove {where.sockets}")
    _make_key(where.key, "homeport lab")
    public_keys = {}
    for name in state.hosts:
        key = host_key(where, name)
        key.parent.mkdir(parents=True, exist_ok=True)
        _make_key(key, name)
        public_keys[name] = key.with_suffix(".pub").read_text()
    replace(where.known_hosts, known_hosts(state, public_keys))
    replace(where.ssh_config, config(where, state))
    for path in (where.sockets, where.key, where.known_hosts, where.ssh_config):
        os.chown(path, *owner())


def host_key(where: Place, name: str) -> Path:
    """Return the private key by which a host proves who it is; a reset keeps it."""
    return where.host(name) / "ssh_host_ed25519_key"


def command(where: Place, name: str, *options: str) -> list[str]:
    """Return the beginning of a command line that runs something on a host."""
    return ["ssh", "-F", str(where.ssh_config), *options, name]


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
    if root and state.hosts[name].user != "root":
        line = ["sudo", "-n", "--", *line]
    return subprocess.run(
        [*command(where, name, *options), "--", shlex.join(line)],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment(),
        timeout=timeout,
        check=False,
    )


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


def _make_key(path: Path, comment: str) -> None:
    if path.exists() and path.with_suffix(".pub").exists():
        return
    path.unlink(missing_ok=True)
    output(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
