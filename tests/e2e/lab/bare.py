"""A lab of its own with hosts that come bare, and logins to them from outside."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paramiko

import lab
from lab.paths import place
from lab.state import read
from tests.e2e.lab.project import Deploy, Project, lab_command

CLOSING = "/etc/ssh/sshd_config.d/00-homeport.conf"


@contextmanager
def bare_lab(*names: str) -> Iterator[None]:
    """Bring up a lab beside the one of the other promises: they deploy to all hosts of theirs.

    A name may say which Debian it has, such as ``web=13``.
    """
    before = os.environ["HOMEPORT_LAB"]
    os.environ["HOMEPORT_LAB"] = f"{before}-bare"
    try:
        specs = (name.partition("=") for name in names)
        lab_command("up", *(f"{name}=amd64,{debian or 12},bare" for name, _, debian in specs))
        yield
    finally:
        lab_command("down")
        os.environ["HOMEPORT_LAB"] = before


def renew(host: str) -> None:
    """Make a host as bare as it came, and forget that it was ever seen."""
    lab.reset(host)
    line = ["ssh-keygen", "-R", address(host), "-f", str(place().pinned)]
    subprocess.run(line, capture_output=True, check=False)


def address(host: str) -> str:
    """Return where a host is."""
    state = read(place())
    return state.address(state.hosts[host])


def bootstrap(project: Project, host: str, *options: str) -> Deploy:
    """Run the bootstrap as a user would, without being asked, and return what came of it."""
    arguments = (
        "--json",
        "-y",
        "inventories/lab.py",
        "deploys/bootstrap.py",
        "--limit",
        host,
        *options,
    )
    done = project.pyinfra(*arguments)
    return Deploy(
        done.returncode, done.stderr, json.loads(done.stdout) if done.stdout.strip() else {}
    )


def bootstrapped(project: Project, host: str) -> Deploy:
    """Bootstrap, and insist that it succeeds."""
    done = bootstrap(project, host)
    assert done.code == 0, done.output
    return done


def password(host: str) -> str:
    """Return the password that the image came with."""
    return place().password(host).read_text().strip()


def takes_password(host: str, user: str) -> bool:
    """Return whether a new connection from outside gets in by the image's password."""
    with _transport(host) as transport:
        try:
            transport.auth_password(user, password(host), fallback=False)
        except paramiko.BadAuthenticationType:
            return False
        except paramiko.AuthenticationException:
            return False
        return transport.is_authenticated()


def opens(host: str, user: str, seconds: float = 30) -> bool:
    """Return whether the image's password gets in before the time is over.

    A reload is only asked for: sshd starts anew, and listens, a moment after it was.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError, EOFError, paramiko.SSHException):
            if takes_password(host, user):
                return True
        time.sleep(0.2)
    return False


def root(host: str, script: str) -> str:
    """Run a script as root, from beneath, and return what it prints."""
    done = lab.run(host, script, root=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sshd(host: str) -> dict[str, str]:
    """Return what sshd's settings come to."""
    lines = root(host, "sshd -T").splitlines()
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in lines}


def eventually(host: str, script: str, seconds: float = 30) -> bool:
    """Return whether a script succeeds on a host before the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if lab.run(host, script, root=True).returncode == 0:
            return True
        time.sleep(0.2)
    return False


def slow_to_confirm(project: Project) -> None:
    """Have the controller sleep when it should confirm, so that a test can kill it there."""
    project.edit(
        "operations/bootstrap/sshd_logins.py",
        "    if reason := connection.reason_against_closed(",
        "    host.log('about to confirm')\n    __import__('time').sleep(600)\n"
        "    if reason := connection.reason_against_closed(",
    )


@contextmanager
def _transport(host: str) -> Iterator[paramiko.Transport]:
    with _listening(address(host)) as connection:
        transport = paramiko.Transport(connection)
        try:
            transport.start_client(timeout=10)
            yield transport
        finally:
            transport.close()


def _listening(host: str, seconds: float = 30) -> socket.socket:
    # An sshd that has just been reloaded closes its socket, and opens it again as it starts anew.
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection((host, 22), 10)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
