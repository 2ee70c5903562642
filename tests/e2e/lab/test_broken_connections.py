"""Hosts that go away, change, fill up or never end: each fails alone, in one line, in time."""

from __future__ import annotations

import time

import lab
from lab import machine
from lab.paths import place
from tests.e2e.lab.project import Project
from tests.e2e.lab.servers import (
    OTHER,
    beneath,
    data,
    execute,
    host,
    known,
    logins,
    reason,
    servers,
    settings,
)
from tests.production.recovery import until
from tests.support.short_folder import short_folder

__all__ = ["host", "servers", "short_folder"]


def others_go_on(project: Project, host: str, *words: str) -> str:
    """Run a command on a host and on another one; return the reason that the first one fails."""
    # One that fails is no end for the others (pyinfra's --fail-percent).
    done = project.pyinfra(
        *("-y", "--fail-percent", "100", "inventories/lab.py", "--limit", host),
        *("--limit", OTHER, "exec", "--", *words),
    )
    assert f"[{OTHER}] Success" in " ".join(done.stderr.split()), done.stderr
    return reason(done, host) if done.returncode else reason_in(done.stderr, host)


def reason_in(output: str, host: str) -> str:
    """Return the line with a fix that an output has of a host."""
    (line,) = (text for text in output.splitlines() if f"[{host}]" in text and "Fix:" in text)
    return line


def test_a_host_that_was_rebooted_is_logged_in_to_again(project: Project, host: str) -> None:
    assert execute(project, "true", hosts=host).returncode == 0
    lab.reboot(host)
    done = execute(project, "true", hosts=host)
    assert done.returncode == 0, done.stderr


def test_a_host_that_changes_its_key_is_refused(project: Project, host: str) -> None:
    new = "ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key"
    beneath(
        host,
        "mkdir -p /root/keys; cp -p /etc/ssh/ssh_host_ed25519_key* /root/keys/;"
        f" rm /etc/ssh/ssh_host_ed25519_key*; {new}; systemctl restart ssh",
    )
    before = logins(host)
    line = others_go_on(project, host, "true")
    assert "its host key has changed: it is another machine, or was reinstalled. Fix: " in line
    assert logins(host) == before


def test_a_disk_that_fills_up_leaves_no_half_of_a_file(project: Project, host: str) -> None:
    user = known(host).user
    beneath(host, f"mount -t tmpfs -o size=4m,uid=$(id -u {user}) tmpfs /srv; echo old >/srv/big")
    (project.folder / "big").write_bytes(b"x" * 20_000_000)
    (project.folder / "big.py").write_text(
        "from pyinfra.operations import files\n\n"
        'files.put(name="Big", src="big", dest="/srv/big")\n'
    )
    done = project.pyinfra("-y", "inventories/lab.py", "big.py", "--limit", host)
    assert done.returncode != 0
    assert "No space left on device" in done.stderr
    assert beneath(host, "ls -A /srv; cat /srv/big") == "big\nold\n"
    assert execute(project, "true", hosts=host).returncode == 0


def test_a_host_that_falls_silent_fails_alone_and_in_time(project: Project, host: str) -> None:
    data(project, host, ssh_keepalive=1)
    assert execute(project, "true", hosts=host).returncode == 0
    begun = time.monotonic()
    with machine.frozen(place(), host):
        line = others_go_on(project, host, "true")
    assert time.monotonic() - begun < 45
    assert "Fix: " in line
    assert execute(project, "true", hosts=host).returncode == 0


def test_what_was_given_up_runs_nothing_when_its_host_wakes(project: Project, host: str) -> None:
    settings(host, "LogLevel VERBOSE")
    assert execute(project, "true", hosts=host).returncode == 0
    before = begun_sessions(host)
    with machine.frozen(place(), host):
        line = others_go_on(project, host, "touch", "/tmp/late")
    assert "Fix: " in line
    # Now the host begins the session that it was asked for while it was frozen.
    assert until(lambda: begun_sessions(host), lambda count: count > before, 30) > before
    assert execute(project, "true", hosts=host).returncode == 0
    time.sleep(1)
    assert beneath(host, "ls /tmp/late 2>/dev/null || true") == ""


def begun_sessions(host: str) -> int:
    """Return how many commands the server of a host has begun since it started."""
    mine = "journalctl -q -b -o cat -t sshd -t sshd-session | grep -c '^Starting session' || true"
    return int(beneath(host, mine))


def test_a_host_that_never_ends_is_ended(project: Project, host: str) -> None:
    data(project, host, ssh_output_limit=100_000)
    line = others_go_on(project, host, f"[ $(hostname) != {host} ] || yes")
    assert "it printed more than 100000 bytes" in line
    data(project, host, ssh_command_timeout=3)
    line = others_go_on(project, host, f"[ $(hostname) != {host} ] || sleep 8765")
    assert "it took longer than 3 s" in line
    assert beneath(host, "pgrep -fc '[s]leep 8765|^yes' || true") == "0\n"


def test_a_host_that_never_begins_is_given_up(project: Project, host: str) -> None:
    # As with a home directory on a network that is gone.
    user = known(host).user
    home = beneath(host, f"getent passwd {user} | cut -d: -f6").strip()
    beneath(host, f"printf 'sleep 8766\\n' >{home}/.bashrc; chsh -s /bin/bash {user}")
    data(project, host, ssh_first_byte_timeout=2)
    try:
        line = others_go_on(project, host, "true")
        assert "it had not begun after 2 s" in line
    finally:
        beneath(host, f"rm {home}/.bashrc; pkill -f '[s]leep 8766' || true")
