"""A host that can't be deployed to is told in one line, with its fix, and is left as it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import lab
from lab.paths import place
from lab.state import read
from tests.e2e.lab.project import PINBOARD, Deploy, Project

STUB = "printf '#!/bin/sh\\necho {}\\n' >/usr/local/bin/{}; chmod +x /usr/local/bin/{}"
SMALL = "mkdir -p /srv/pinboard; mount -t tmpfs -o {} tmpfs /srv/pinboard"

# What is done to a host, and what is then said of it.
FAULTS = {
    "no sudo": ("mv /usr/bin/sudo /usr/bin/sudo.away", "it has no sudo. Fix: log in there as"),
    "a sudo that asks": (
        "sed -i s/NOPASSWD:// /etc/sudoers.d/*",
        "its sudo asks for a password, and there is no terminal to type it on. Fix: deploy where",
    ),
    "a 32-bit userland": (STUB.format("armhf", *["dpkg"] * 2), "is 32-bit (armhf), which isn't"),
    "an old systemd": (
        STUB.format("systemd 247", *["systemctl"] * 2),
        "its systemd is 247, and 252 is the oldest supported; upgrade it to Debian 12 or 13",
    ),
    "another system": (
        "sed -i s/^ID=.*/ID=ubuntu/ /etc/os-release",
        "it runs ubuntu 12, but group_data says Debian 12",
    ),
    "a full disk": (
        SMALL.format("size=1m"),
        "/srv/pinboard has 1 MiB left, and 16 is the least; `df -h; df -i; du -xh",
    ),
    "a disk full of files": (
        SMALL.format("nr_inodes=20"),
        "/srv/pinboard has room for 19 files, and 100 is the least",
    ),
    "a read-only disk": (SMALL.format("ro"), "/srv/pinboard can't be written to; see why with"),
}
UNTOUCHED = "! ls -d /etc/homeport /var/lib/homeport /srv/pinboard/* 2>/dev/null; ! which curl"


def assert_fails_with(done: Deploy, message: str) -> None:
    """Insist on one line that says so, on failure, and on nothing that only its author reads."""
    assert done.code not in (0, None), done.output
    assert sum(message in line for line in done.output.splitlines()) == 1, done.output
    assert "Traceback" not in done.output
    assert "raceback has been written" not in done.output


def data(project: Project, host: str, **values: object) -> None:
    """Say something of a host in the inventory."""
    inventory = project.folder / "inventories/lab.py"
    line = f"\ndict({host})['@openssh/{host}'].update({values!r})\n"
    inventory.write_text(inventory.read_text() + line)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_host_that_does_not_fit_is_refused_and_left_as_it_was(
    project: Project, fresh: str, fault: str
) -> None:
    script, message = FAULTS[fault]
    if "sudo" in fault and read(place()).hosts[fresh].user == "root":
        pytest.skip("a login as root needs no sudo")
    if fault == "a sudo that asks":
        data(project, fresh, sudo_password="")
    untouched = "sudo" in fault or lab.run(fresh, UNTOUCHED, root=True).returncode == 0
    assert untouched
    lab.run(fresh, script, root=True).check_returncode()
    assert_fails_with(project.dry("--limit", fresh), message)
    assert_fails_with(project.deploy("--limit", fresh), message)
    assert lab.run(fresh, UNTOUCHED).returncode == 0


def test_a_machine_with_two_names_is_deployed_to_once(project: Project, fresh: str) -> None:
    lab.run(fresh, "/usr/sbin/sshd -p 2222", root=True).check_returncode()
    inventory = project.folder / "inventories/lab.py"
    twin = (
        "dict(staging)['@openssh/staging'] | dict(ssh_port=2222, ssh_strict_host_key_checking='no')"
    )
    inventory.write_text(f"{inventory.read_text()}\nstaging.append(('@openssh/twin', {twin}))\n")
    done = project.dry("--limit", "staging")
    assert done.code == 1
    names = {
        f"[{one}] it is the same machine as {other}; keep one of the two names"
        for one, other in (("staging", "twin"), ("twin", "staging"))
    }
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert len(names.intersection(lines)) == 1, done.output
    assert bool(done.plan("staging")) != bool(done.plan("twin"))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key pair that no host knows."""
    path = tmp_path / "strange"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(make, check=True, capture_output=True)
    return path


def test_a_host_that_is_not_reached_says_why_and_the_others_go_on(
    project: Project, key: Path, tmp_path: Path
) -> None:
    lab.reset("laptop")
    lab.reset("staging")
    data(project, "staging", ssh_port=1)
    done = project.dry("--limit", "staging", "--limit", "laptop")
    assert_fails_with(done, "nothing listens on port 1 of 10.")
    assert "Fix: start its SSH server" in done.output
    changes = f"{len(done.plan('laptop'))} changes on 1 host, 1 host unreachable"
    assert done.last_line == f"--> Dry run: {changes}; nothing was changed."
    done = project.deploy("--limit", "staging", "--limit", "laptop")
    assert_fails_with(done, "nothing listens on port 1 of 10.")
    assert done.changed["Services"] == ["laptop"]

    mixed_up = tmp_path / "known_hosts"
    address = lab.run("staging", "hostname -I").stdout.split()[0]
    mixed_up.write_text(f"{address} {key.with_suffix('.pub').read_text()}")
    empty_file = tmp_path / "nobody"
    empty_file.touch()
    apart = {
        "ssh_config_file": "none",
        "ssh_hostname": address,
        "ssh_user": read(place()).hosts["staging"].user,
        "ssh_known_hosts_file": str(place().known_hosts),
    }
    for values, message in (
        ({"ssh_user": "stranger"}, "it refuses the key of stranger"),
        ({"ssh_known_hosts_file": str(mixed_up)}, "its host key has changed"),
        (
            {"ssh_known_hosts_file": str(empty_file)},
            "its host key is not known here. Fix: log in once",
        ),
        ({"ssh_hostname": "nobody.invalid"}, "there is no address for nobody.invalid. Fix: "),
        ({**apart, "ssh_key": str(key)}, "it refuses the key of "),
        ({**apart, "ssh_key": str(empty_file)}, "the login key can't be used"),
    ):
        data(project, "staging", **{"ssh_port": 22, **values})
        done = project.dry("--limit", "staging")
        assert_fails_with(done, message)
        assert ". Fix: " in done.output
        assert "REMOTE HOST IDENTIFICATION" not in done.output


def test_a_command_that_nothing_provides_is_refused_before_anything_changes(
    project: Project, deployed: str
) -> None:
    project.edit("app.yml", "      gunicorn --no", "      gunicron --no")
    message = (
        "app.yml:17: processes.web.command: 'gunicron' is neither in the venv nor on the host. "
        "Fix: write gunicorn."
    )
    assert_fails_with(project.dry("--limit", deployed), message)
    assert_fails_with(project.deploy("--limit", deployed), message)
    assert '"ready":true' in lab.run(deployed, f"curl -s {PINBOARD}/health/ready").stdout

    # It may come with a package, and then that is seen when the package is there.
    project.edit("app.yml", "\nenvironment:", "\napt_packages: [figlet]\nenvironment:")
    dry = project.dry("--limit", deployed)
    assert dry.code == 0
    assert ("packages", "+", "figlet") in dry.plan(deployed)
    assert_fails_with(project.deploy("--limit", deployed), message.replace(":17:", ":18:"))
    project.edit("app.yml", "gunicron", "figlet")
    assert project.dry("--limit", deployed).code == 0


def test_a_disk_that_fills_up_in_mid_deploy_leaves_nothing_half_done(
    project: Project, fresh: str
) -> None:
    lab.run(fresh, SMALL.format("size=24m"), root=True).check_returncode()
    full = "its disk is full. Fix: make room there: `df -h; df -i; "
    assert_fails_with(project.deploy("--limit", fresh), full)
    # A first deploy that fails leaves not even its directories.
    assert lab.run(fresh, "ls -A /srv/pinboard", root=True).stdout == ""

    # Now where wheels and uv are kept: another file system, to which they are copied.
    lab.run(fresh, "mount -o remount,size=400m /srv/pinboard", root=True).check_returncode()
    small = (
        "mkdir -p /var/cache/homeport;"
        " mount -t tmpfs -o size=24m,mode=755 tmpfs /var/cache/homeport"
    )
    lab.run(fresh, small, root=True).check_returncode()
    assert_fails_with(project.deploy("--limit", fresh), full)
    lab.run(fresh, "mount -o remount,size=400m /var/cache/homeport", root=True).check_returncode()
    project.converge("--limit", fresh)
    assert '"ready":true' in lab.run(fresh, f"curl -s {PINBOARD}/health/ready").stdout
