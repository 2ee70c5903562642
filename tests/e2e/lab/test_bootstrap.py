"""A host that is as a fresh image leaves it becomes one that deploy.py can work on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import lab
from lab.paths import place
from tests.e2e.lab.bare import (
    CLOSING,
    address,
    bare_lab,
    bootstrap,
    bootstrapped,
    eventually,
    opens,
    password,
    renew,
    root,
    slow_to_confirm,
    sshd,
    takes_password,
)
from tests.e2e.lab.project import ROOT, Deploy, Project
from tests.e2e.lab.test_convergence import command_count, written_since
from tests.e2e.lab.test_newcomer import GUIDE, SHELL

pytestmark = pytest.mark.long

GROUP_DATA = """
timezone = "Europe/Berlin"
hostname = "shed"
sd_card = True
"""
FSTAB = "overlay\t/\toverlay\trw,relatime\t0 1\n"
# What is in any command line or environment while a bootstrap runs; the password comes by a file.
WATCH = """\
while :; do
  if grep -qaF -f /run/watched /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; then
    echo seen >>/run/seen
  fi
  sleep 0.02
done
"""


@pytest.fixture(scope="module", autouse=True)
def bare_hosts(hosts: None) -> Iterator[None]:
    with bare_lab("bare", "ready"):
        yield


@pytest.fixture
def bare(bare_hosts: None) -> str:
    """Return a host that nobody ever did anything to."""
    renew("bare")
    return "bare"


@pytest.fixture
def quick(project: Project) -> Project:
    """Return a project that has little to install: what takes most of the time is proven once."""
    project.edit("homeport/description/bootstrap.py", ', "unattended-upgrades"', "")
    return project


@dataclass(frozen=True)
class Ready:
    """A host that was bootstrapped, and all that was said while it was."""

    host: str
    project: Project
    dry: Deploy
    written_by_dry: list[str]
    pinned_by_dry: bool
    done: Deploy


@pytest.fixture(scope="module")
def ready(bare_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """Return a host that was bootstrapped once, watched for the password all the time."""
    host, project = "ready", Project(tmp_path_factory.mktemp("project"))
    inventory = project.folder / "inventories/lab.py"
    # Data of a host win over those of its group: the lab says how hosts are called.
    inventory.write_text(inventory.read_text() + 'for _, data in pi:\n    data.pop("hostname")\n')
    with (project.folder / "group_data/pi.py").open("a") as file:
        file.write(GROUP_DATA)
    root(host, f"printf '{FSTAB}' >>/etc/fstab")
    lab.run(host, "umask 077; cat >/run/watched", root=True, stdin=password(host))
    root(host, f"systemd-run --quiet --unit=watch sh -c '{WATCH}'; sleep 1; touch /run/marker")
    arguments = ("inventories/lab.py", "deploys/bootstrap.py", "--dry", "--diff", "--limit", host)
    dry = project.pyinfra(*arguments, "--debug")
    written = [path for path in written_since(host, "/run/marker") if ".wants/" not in path]
    pinned = place().pinned.exists()
    done = bootstrap(project, host, "--debug")
    root(host, "systemctl stop watch; rm /run/watched")
    result = Deploy(dry.returncode, dry.stdout + dry.stderr, {})
    return Ready(host, project, result, written, pinned, done)


def test_a_dry_run_shows_all_of_the_plan_and_changes_nothing(ready: Ready) -> None:
    assert ready.dry.code == 0, ready.dry.output
    assert ready.written_by_dry == []
    assert not ready.pinned_by_dry
    assert ready.done.code == 0, ready.done.output
    plan = ready.dry.plan(ready.host)
    assert ready.done.plan(ready.host) == plan
    changes = f"{len(plan)} changes on 1 host"
    assert ready.dry.last_line == f"--> Dry run: {changes}; nothing was changed."
    assert {kind for kind, _, _ in plan} == {
        *("host-keys", "packages", "admin-users", "files", "sshd-logins", "hostname"),
        *("timezone", "system-services", "root-mount"),
    }
    assert "+deploy ALL=(ALL:ALL) NOPASSWD: ALL" in ready.dry.output
    assert re.search(r"first contact: its key is ssh-ed25519 SHA256:\S{43}", ready.dry.output)


def test_passwords_and_root_are_refused_from_then_on(ready: Ready) -> None:
    for user in ("pi", "root", "deploy"):
        assert not takes_password(ready.host, user)
    settings = sshd(ready.host)
    assert settings["permitrootlogin"] == "no"
    assert settings["passwordauthentication"] == "no"
    assert settings["kbdinteractiveauthentication"] == "no"
    # Paramiko came as far as that, and what is left is what every client of today has.
    offered = f"{settings['kexalgorithms']},{settings['macs']}".split(",")
    assert {"curve25519-sha256", "hmac-sha2-256-etm@openssh.com"} <= set(offered)
    assert [name for name in offered if re.search("nistp|sha1|group14|umac-64", name)] == []
    # Nothing is left that would open it again: now, or at the next boot.
    assert "homeport-logins" not in root(ready.host, "systemctl list-timers --all; ls /run/systemd")
    assert root(ready.host, "ls /etc/tmpfiles.d") == ""


def test_a_second_run_comes_by_key_and_changes_nothing_in_one_remote_command(
    ready: Ready,
) -> None:
    again = bootstrap(ready.project, ready.host, "--debug")
    assert again.code == 0, again.output
    assert again.changed == {}
    assert command_count(again.output, ready.host) == 1
    assert "by password" not in again.output


def test_the_password_is_in_no_command_line_no_log_and_no_output(ready: Ready) -> None:
    secret = password(ready.host)
    # The watch is no blind one: it sees what does stand in an environment.
    assert lab.run(ready.host, "test -e /run/seen", root=True).returncode == 1
    for output in (ready.dry.output, ready.done.output, str(ready.done.results)):
        assert secret not in output
        assert "by password" in output or output == str(ready.done.results)
    journal = root(ready.host, "journalctl -q --no-pager")
    assert "sudo" in journal
    assert secret not in journal


def test_the_watch_for_the_password_would_have_seen_it(ready: Ready) -> None:
    lab.run(ready.host, "umask 077; cat >/run/watched", root=True, stdin="a-canary-in-a-cage")
    root(ready.host, f"systemd-run --quiet --unit=watch2 sh -c '{WATCH}'")
    root(ready.host, "systemd-run --quiet --setenv=BIRD=a-canary-in-a-cage sleep 5")
    assert eventually(ready.host, "test -e /run/seen")
    root(ready.host, "systemctl stop watch2; rm -f /run/seen /run/watched")


def test_the_host_keeps_itself_up_and_spares_its_card(ready: Ready) -> None:
    host = ready.host
    assert root(host, "hostnamectl hostname").strip() == "shed"
    assert "127.0.1.1\tshed\n" in root(host, "cat /etc/hosts")
    assert "Europe/Berlin" in root(host, "timedatectl show")
    origins = root(host, "apt-config dump Unattended-Upgrade::Origins-Pattern").splitlines()
    assert len(origins) == 3
    assert all("label=Debian-Security" in line for line in origins[1:])
    periodic = root(host, "apt-config dump APT::Periodic")
    assert 'APT::Periodic::Unattended-Upgrade "1"' in periodic
    assert root(host, "systemctl is-active apt-daily-upgrade.timer").strip() == "active"
    # journald says so itself, and only when it starts.
    assert "max 100.0M" in root(host, "journalctl -q -b -u systemd-journald -o cat | tail -n 2")
    assert "noatime" in root(host, "findmnt -n -o OPTIONS /").split(",")
    assert "rw,noatime\t0 1" in root(host, "cat /etc/fstab")


def test_what_somebody_undid_is_named_by_a_spec_and_mended_by_the_next_run(ready: Ready) -> None:
    def failing() -> set[str]:
        # Nothing is deployed there yet: only what a bootstrap sees to is of interest.
        output = ready.project.prove(f"--limit={ready.host}").stdout
        found = set(re.findall(r"^FAILED \S+\[ready-(\S+)\]", output, re.MULTILINE))
        assert "ServiceUser-pinboard" in found, output
        return found & {"HostName-shed", "SystemService-apt-daily.timer", "AdminUser-deploy"}

    assert failing() == set()
    root(ready.host, "hostname other; systemctl disable --now apt-daily.timer; passwd -d deploy")
    assert failing() == {"HostName-shed", "SystemService-apt-daily.timer", "AdminUser-deploy"}
    root(ready.host, "usermod -p '*' deploy")
    fixed = bootstrap(ready.project, ready.host)
    assert fixed.code == 0, fixed.output
    assert set(fixed.changed) == {"Hostname", "System services"}
    assert failing() == set()


def test_the_guide_leads_from_a_fresh_image_to_a_host_that_is_deployed_to_and_proven(
    project: Project, bare: str
) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-lf", place().public_key(bare)], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    entry = f'"@openssh/{address(bare)}",\n        {{\n            "ssh_key": "{place().key}",'
    entry += f'\n            "host_key_fingerprint": "{shown}",'
    project.edit("inventories/pi.py", '"@openssh/pi.local",\n        {', entry)
    project.edit("group_data/pi.py", '"arm64"', '"amd64"')
    guide = (ROOT / "docs/bootstrap.md").read_text()
    commands = [line for block in SHELL.findall(guide) for line in block.splitlines()]
    assert tuple(commands) == GUIDE
    path = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
    for command in commands:
        # What is typed: the password first, and later Enter, since the plan is fine.
        typed = f"{password(bare)}\n" if command.startswith("install") else "\n"
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=project.folder,
            env={**os.environ, "PATH": path},
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert " passed" in done.stdout
    assert address(bare) in (project.folder / "inventories/known_hosts").read_text()
    assert not takes_password(bare, "pi")


def test_a_host_that_shows_another_key_is_not_talked_to(ready: Ready) -> None:
    pinned = place().pinned
    before = pinned.read_text()
    name = before.split()[0]
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(ready.project.folder / "other")],
        check=True,
    )
    other = (ready.project.folder / "other.pub").read_text().split()
    inventory = ready.project.folder / "inventories/lab.py"
    listed = inventory.read_text()
    expects_none = "for _, data in pi:\n    data.pop('host_key_fingerprint', None)\n"
    try:
        inventory.write_text(f"{listed}\n{expects_none}")
        pinned.write_text(f"# first line\n{name} {other[0]} {other[1]}\n")
        for script in ("deploys/bootstrap.py", "deploy.py"):
            done = ready.project.pyinfra("-y", "inventories/lab.py", script, "--limit", ready.host)
            assert done.returncode == 1
            assert "Starting operation" not in done.stdout + done.stderr
        done = ready.project.pyinfra(
            "-y", "inventories/lab.py", "deploys/bootstrap.py", "--limit", ready.host
        )
        output = done.stdout + done.stderr
        assert f"{pinned}:2: {name} shows ssh-ed25519 SHA256:" in output
        assert f"ssh-keygen -f {pinned} -R {name}" in output
        assert "Traceback" not in output
    finally:
        inventory.write_text(listed)
        pinned.write_text(before)


def test_a_password_goes_only_to_the_host_that_was_expected(project: Project, bare: str) -> None:
    wrong = f"SHA256:{'A' * 43}"
    refused = bootstrap(project, bare, "--data", f"host_key_fingerprint={wrong}", "--dry")
    assert refused.code == 1
    assert f"none is {wrong}" in refused.output
    assert "pi from" not in root(bare, "journalctl -q -u ssh -o cat")

    # Any of its keys will do, not only the one that it would show first.
    listed = root(bare, "ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub").split()[1]
    taken = bootstrap(project, bare, "--data", f"host_key_fingerprint={listed}", "--dry")
    assert taken.code == 0, taken.output
    assert f"its key is ecdsa-sha2-nistp256 {listed}" in taken.output


def test_nothing_is_closed_when_the_new_login_does_not_work(quick: Project, bare: str) -> None:
    root(bare, "echo 'AllowUsers pi root' >/etc/ssh/sshd_config.d/20-allow.conf")
    root(bare, "systemctl reload ssh")
    done = bootstrap(quick, bare)
    assert done.code != 0
    assert "the new login fails" in done.output
    assert "Nothing was closed" in done.output
    assert lab.run(bare, f"test -e {CLOSING}", root=True).returncode == 1
    assert takes_password(bare, "pi")


def test_a_new_login_that_fails_once_it_is_closed_opens_it_again(quick: Project, bare: str) -> None:
    # Written and never read: it works against us only from the moment at which we close.
    root(bare, "echo 'DenyUsers deploy' >/etc/ssh/sshd_config.d/20-deny.conf")
    done = bootstrap(quick, bare)
    assert done.code != 0
    assert "Logins are open again" in done.output
    assert "Traceback" not in done.output
    assert opens(bare, "pi")
    assert lab.run(bare, f"test -e {CLOSING}", root=True).returncode == 1
    assert root(bare, "ls /etc/tmpfiles.d") == ""

    root(bare, "rm /etc/ssh/sshd_config.d/20-deny.conf; systemctl reload ssh")
    bootstrapped(quick, bare)
    assert not takes_password(bare, "pi")


def kill_before_it_confirms(project: Project, host: str, confirm_timeout: int) -> None:
    slow_to_confirm(project)
    arguments = ("--limit", host, "--data", f"confirm_timeout={confirm_timeout}")
    project.run_until("about to confirm", "deploys/bootstrap.py", *arguments)


def test_a_host_whose_controller_died_opens_by_itself(quick: Project, bare: str) -> None:
    kill_before_it_confirms(quick, bare, confirm_timeout=5)
    assert eventually(bare, f"test ! -e {CLOSING}")
    assert eventually(bare, "sshd -T | grep -qx 'passwordauthentication yes'")
    assert opens(bare, "pi")
    assert root(bare, "ls /etc/tmpfiles.d") == ""


def test_a_host_that_lost_its_power_unconfirmed_opens_at_boot_and_the_next_run_closes_it(
    quick: Project, bare: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = Project(tmp_path_factory.mktemp("next"))
    again.edit("homeport/description/bootstrap.py", ', "unattended-upgrades"', "")
    kill_before_it_confirms(quick, bare, confirm_timeout=3600)
    assert not takes_password(bare, "pi")
    lab.reboot(bare)
    assert opens(bare, "pi")

    bootstrapped(again, bare)
    assert not takes_password(bare, "pi")


def test_an_image_with_root_alone_and_no_sudo_is_bootstrapped_too(
    quick: Project, bare: str
) -> None:
    root(bare, "SUDO_FORCE_REMOVE=yes dpkg --purge sudo")
    inventory = quick.folder / "inventories/lab.py"
    inventory.write_text(
        inventory.read_text() + 'for _, data in pi:\n    data["bootstrap_login"]["user"] = "root"\n'
    )
    done = bootstrapped(quick, bare)
    assert ("packages", "+", "sudo") in done.plan(bare)
    assert not takes_password(bare, "root")


def test_a_key_that_opens_the_door_but_not_sudo_is_helped_out_by_the_password(
    quick: Project, bare: str
) -> None:
    key = place().key.with_suffix(".pub").read_text()
    theirs = "/home/pi/.ssh/authorized_keys"
    root(bare, "install -d -o pi -g pi -m 700 /home/pi/.ssh")
    root(bare, f"echo '{key}' >{theirs}; chown pi:pi {theirs}")
    inventory = quick.folder / "inventories/lab.py"
    inventory.write_text(
        inventory.read_text() + 'for _, data in pi:\n    data["ssh_user"] = "pi"\n'
    )
    dry = quick.pyinfra("inventories/lab.py", "deploys/bootstrap.py", "--dry", "--limit", bare)
    assert dry.returncode == 0, dry.stderr
    assert "logged in as pi, by password" in dry.stdout + dry.stderr
