"""Real servers of two Debians in a lab of their own, whose settings a test may change at will."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import machine, ssh
from lab.paths import place
from lab.state import Host, read
from tests.e2e.lab.project import Project, lab_command

SERVERS = {"bookworm": "12", "trixie": "13"}
"""The hosts, and the Debian of each."""
OTHER = "other"
"""A host beside them, which goes on whatever befalls them."""
WORD = "a-password-that-must-never-be-seen"
DROP_IN = "/etc/ssh/sshd_config.d/00-test.conf"
RELOAD = "sshd -t && systemctl reload ssh; sleep 0.5"
FIREWALL = """\
table inet test {
  chain input {
    type filter hook input priority 0;
    tcp dport 22 tcp flags & (syn | ack) == syn \\
      limit rate over 6/minute burst 1 packets counter drop
  }
}
"""
"""Rules of nft(8) by which one new login in ten seconds passes."""
GONE = """\
rm -rf /etc/ssh/sshd_config.d/00-test.conf /srv/big
if [ -d /root/keys ]; then cp -p /root/keys/* /etc/ssh/; rm -r /root/keys; fi
! mountpoint -q /srv || umount -l /srv
systemctl reload ssh
"""


@contextmanager
def servers_lab() -> Iterator[None]:
    """Bring up the servers; nothing of them is left at the end."""
    before = os.environ["HOMEPORT_LAB"]
    os.environ["HOMEPORT_LAB"] = f"{before}-sshd"
    try:
        lab_command("up", *(f"{name}=amd64,{debian}" for name, debian in SERVERS.items()), OTHER)
        yield
    finally:
        lab_command("down")
        os.environ["HOMEPORT_LAB"] = before


@pytest.fixture(scope="module")
def servers(hosts: None) -> Iterator[None]:
    """Have servers of both Debians."""
    with servers_lab():
        yield


@pytest.fixture(params=SERVERS)
def host(
    request: pytest.FixtureRequest,
    servers: None,
    short_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Return a server that no login of another test is kept to."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    yield str(request.param)
    as_it_was(request.param)


def known(host: str) -> Host:
    """Return what the lab knows of a host."""
    return read(place()).hosts[host]


def address(host: str) -> str:
    """Return the address of a host."""
    return read(place()).address(known(host))


def beneath(host: str, script: str) -> str:
    """Run a script as root on a host, and not by SSH; return what it printed."""
    command = [*ssh.inside(place(), host, "root"), "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def settings(host: str, text: str) -> None:
    """Have sshd go by these settings."""
    beneath(host, f"cat >{DROP_IN} <<'END'\n{text}\nEND\n{RELOAD}")


def firewall(host: str, rules: str) -> None:
    """Have the kernel filter what comes to a host, by rules of nft(8)."""
    leader = str(machine.leader(place().machine(host)))
    inside = ["nsenter", "--target", leader, "--net", "nft", "-f", "-"]
    subprocess.run(inside, input=f"flush ruleset\n{rules}", text=True, check=True)


def dropped(host: str) -> int:
    """Return how many packets the rules of ``FIREWALL`` have dropped."""
    leader = str(machine.leader(place().machine(host)))
    inside = ["nsenter", "--target", leader, "--net", "nft", "list", "ruleset"]
    rules = subprocess.run(inside, capture_output=True, text=True, check=True).stdout.split()
    return int(rules[rules.index("packets", rules.index("counter")) + 1])


def with_password(host: str) -> str:
    """Return the password by which a host's user may be logged in as."""
    if known(host).asks:
        return place().sudo_password.read_text().strip()
    beneath(host, f"echo '{known(host).user}:{WORD}' | chpasswd")
    return WORD


def as_it_was(host: str) -> None:
    """Leave a host as the next test expects it."""
    firewall(host, "")
    beneath(host, GONE)


def data(project: Project, host: str, **values: object) -> None:
    """Say something of a host in the inventory."""
    inventory = project.folder / "inventories/lab.py"
    line = f"\ndict(staging)['@openssh/{host}'].update({values!r})\n"
    inventory.write_text(inventory.read_text() + line)


def execute(project: Project, *words: str, hosts: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command by pyinfra, on some hosts or on all."""
    only = ("--limit", hosts) if hosts else ()
    return project.pyinfra("-y", "inventories/lab.py", *only, "exec", "--", *words)


def logins(host: str) -> int:
    """Return how many logins a host has had since it started."""
    mine = "journalctl -q -b -o cat -t sshd -t sshd-session | grep -c '^Accepted' || true"
    return int(beneath(host, mine))


def reason(done: subprocess.CompletedProcess[str], host: str) -> str:
    """Return the one line that a run says of a host that it failed on."""
    assert done.returncode != 0, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = (text for text in done.stderr.splitlines() if f"[{host}]" in text and "Fix:" in text)
    return line
