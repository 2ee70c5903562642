"""The system's OpenSSH to real servers: one login for all, new ones where they prove something."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab
from lab import packages
from lab.paths import place
from lab.state import read
from tests.e2e.lab.project import Project

HOST = "staging"
WORD = "a-password-that-must-never-be-seen"
DROP_IN = "/etc/ssh/sshd_config.d/50-test.conf"
OURS = """\
from io import StringIO

from pyinfra import host
from pyinfra.facts.server import Hostname
from pyinfra.operations import apt, files, server, systemd

host.get_fact(Hostname)
files.directory(name="Folder", path="/srv/theirs", mode="750", _sudo=True)
files.put(name="File", src=StringIO("x" * 100000), dest="/srv/theirs/file", mode="640", _sudo=True)
files.template(name="Template", src="theirs.j2", dest="/srv/theirs/made", word="ä", _sudo=True)
apt.packages(name="Package", packages=["curl"], _sudo=True)
systemd.service(name="Service", service="ssh", running=True, _sudo=True)
"""


def root(script: str) -> str:
    """Run a script on the host as root, and return what it prints."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def logins() -> int:
    """Return how many logins the host has had since it started."""
    return int(root("journalctl -q -b -u ssh -o cat | grep -c '^Accepted' || true"))


def user() -> str:
    """Return who logs in to the host."""
    return read(place()).hosts[HOST].user


def settings(text: str) -> None:
    """Have sshd go by these settings."""
    root(f"cat >{DROP_IN} <<'END'\n{text}\nEND\nsystemctl reload ssh; sleep 0.5")


@pytest.fixture(autouse=True)
def as_it_was(hosts: None) -> Iterator[None]:
    """Leave a host as others expect it."""
    yield
    lab.reset(HOST)


def say(project: Project, **values: object) -> None:
    """Say something of the host in the inventory."""
    inventory = project.folder / "inventories/lab.py"
    line = f"\ndict(staging)['@openssh/{HOST}'].update({values!r})\n"
    inventory.write_text(inventory.read_text() + line)


def execute(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the host by pyinfra."""
    return project.pyinfra("-y", "inventories/lab.py", "--limit", HOST, "exec", "--", *words)


def test_pyinfras_own_operations_run_over_it(project: Project, fresh: str) -> None:
    (project.folder / "theirs.py").write_text(OURS)
    (project.folder / "theirs.j2").write_text("{{ word }}\n")
    for changes in (True, False):
        done = project.pyinfra("-y", "inventories/lab.py", "theirs.py", "--limit", HOST)
        assert done.returncode == 0, done.stderr
        (total,) = (line for line in done.stderr.splitlines() if "Grand total" in line)
        assert (total.split()[3] != "-") is changes, done.stderr
    assert root("stat -c '%a %U %s' /srv/theirs/file") == "640 root 100000\n"
    assert root("cat /srv/theirs/made") == "ä\n"
    assert root("ls -A /tmp | grep -c pyinfra || true") == "0\n"


def test_folders_are_copied_by_rsync_over_the_same_login(project: Project, fresh: str) -> None:
    packages.ensure(packages.missing({"rsync": "rsync"}))
    root("apt-get update -qq; apt-get install -y -qq rsync >&2")
    (project.folder / "theirs").mkdir()
    (project.folder / "theirs/a file").write_text("ä")
    # The destination is the user's own: root's is only where sudo asks for no password.
    sync = 'files.rsync(src="theirs/", dest="/tmp/there/", flags=["-a"], _sudo=False)\n'
    (project.folder / "sync.py").write_text(f"from pyinfra.operations import files\n\n{sync}")
    before = logins()
    done = project.pyinfra("-y", "inventories/lab.py", "sync.py", "--limit", HOST)
    assert done.returncode == 0, done.stderr
    assert root("cat '/tmp/there/a file'") == "ä"
    assert logins() - before == 1


def test_one_login_serves_the_runs_of_a_minute(project: Project, fresh: str) -> None:
    before = logins()
    for _ in range(3):
        assert execute(project, "true").returncode == 0
    assert logins() - before == 1
    say(project, ssh_persist=0)
    for _ in range(2):
        assert execute(project, "true").returncode == 0
    assert logins() - before == 3


def test_a_deploy_is_confirmed_over_a_login_of_its_own(project: Project, fresh: str) -> None:
    before = logins()
    project.converge("--limit", HOST)
    assert logins() - before == 2
    assert project.converge("--limit", HOST).changed == {}
    assert logins() - before == 2


def test_a_deploy_that_waits_longer_than_a_login_is_kept_is_confirmed(
    project: Project, fresh: str
) -> None:
    say(project, ssh_persist=1)
    waits = "import time\npython.call(name='Wait', function=lambda: time.sleep(12))\n"
    project.edit("deploy.py", "services.converge", f"{waits}services.converge")
    project.edit(
        "deploy.py",
        "from pyinfra import",
        "from pyinfra.operations import python\nfrom pyinfra import",
    )
    project.converge("--limit", HOST)


def test_a_deploy_beside_a_run_that_fills_the_login_has_one_of_its_own(
    project: Project, fresh: str
) -> None:
    settings("MaxSessions 1")
    assert execute(project, "true").returncode == 0
    holding = threading.Thread(target=execute, args=(project, "sleep", "40"))
    holding.start()
    time.sleep(1)
    done = project.deploy("--limit", HOST)
    assert done.code == 0, done.output
    assert holding.is_alive()
    holding.join()


@pytest.mark.parametrize("rule", ["", "Defaults:ann requiretty\\n"], ids=["", "requiretty"])
def test_an_ordinary_user_whose_sudo_asks_deploys(project: Project, fresh: str, rule: str) -> None:
    # The password itself stands in no command of ours.
    hashing = ["openssl", "passwd", "-6", "-stdin"]
    hashed = subprocess.run(
        hashing, input=WORD, capture_output=True, text=True, check=True
    ).stdout.strip()
    root(
        f"useradd -m -s /bin/bash -p '{hashed}' ann; cp -r ~{user()}/.ssh ~ann; "
        "chown -R ann: ~ann/.ssh; cd /etc/sudoers.d; umask 337; "
        f"printf '{rule}Defaults use_pty\\nann ALL=(ALL:ALL) ALL\\n' >zz-ann"
    )
    watch = "while sleep 0.05; do ps -eww -o args=; done >/root/args & echo $! >/root/pid"
    root(f"setsid sh -c '{watch}' </dev/null >/dev/null 2>&1")
    secret = project.folder / "secrets/sudo"
    secret.touch(mode=0o600)
    secret.write_text(WORD)
    say(project, ssh_user="ann", sudo_password={"file": str(secret)})
    done = project.deploy("--limit", HOST, "--debug")
    assert done.code == 0, done.output
    assert len(done.changed) == 9
    assert project.converge("--limit", HOST).changed == {}
    root("kill $(cat /root/pid)")
    assert "homeportctl" in root("cat /root/args")
    assert WORD not in root("cat /root/args; journalctl -q -b -o cat") + done.output


def test_a_server_that_takes_one_session_a_connection_is_logged_in_to_again(
    project: Project, fresh: str
) -> None:
    settings("MaxSessions 1")
    before = logins()
    codes: list[int] = []

    def sleep() -> None:
        codes.append(execute(project, "sleep", "3").returncode)

    with_two = [threading.Thread(target=sleep) for _ in range(2)]
    for each in with_two:
        each.start()
        time.sleep(1)
    for each in with_two:
        each.join()
    assert codes == [0, 0]
    assert logins() - before == 2
    # What a command reads is sent whole there, too.
    (project.folder / "theirs.py").write_text(OURS)
    (project.folder / "theirs.j2").write_text("{{ word }}\n")
    holding = threading.Thread(target=execute, args=(project, "sleep", "20"))
    holding.start()
    time.sleep(1)
    done = project.pyinfra("-y", "inventories/lab.py", "theirs.py", "--limit", HOST)
    assert holding.is_alive()
    assert done.returncode == 0, done.stderr
    assert root("stat -c %s /srv/theirs/file; cat /srv/theirs/made") == "100000\nä\n"
    holding.join()
    assert execute(project, "true").returncode == 0


def test_a_host_behind_two_others_is_reached_as_ssh_reaches_it(
    project: Project, fresh: str
) -> None:
    where = place()
    address = read(where).address(read(where).hosts[HOST])
    config = project.folder / "far"
    # As a user may write it: with conditions, and a file that is included.
    (project.folder / "more").write_text("Match final all\n  Compression yes\n")
    config.write_text(
        f"Include {where.ssh_config}\nInclude {project.folder}/more\n"
        f"Host far\n  HostName {address}\n  User {user()}\n  ProxyJump laptop,pi\n"
        f"  IdentityFile {where.key}\n  HostKeyAlias {HOST}\n"
        f"  UserKnownHostsFile {where.known_hosts}\n"
    )
    # The hops are reached by the same file.
    say(project, ssh_config_file=str(config), ssh_hostname="far")
    done = execute(project, "true")
    assert done.returncode == 0, done.stderr
    last = read(where).address(read(where).hosts["pi"])
    accepted = root("journalctl -q -b -u ssh -o cat | grep '^Accepted'")
    assert f" from {last} port " in accepted


def test_a_connection_that_is_cut_in_the_middle_leaves_no_half_of_a_file(
    project: Project, fresh: str
) -> None:
    (project.folder / "big").write_bytes(b"x" * 100_000_000)
    put = 'files.put(name="Big", src="big", dest="/srv/big", _sudo=True)\n'
    (project.folder / "big.py").write_text(f"from pyinfra.operations import files\n\n{put}")

    def cut() -> None:
        # It ends itself, too.
        seen = "until ls /srv/.homeport-* >/dev/null 2>&1; do sleep 0.01; done"
        lab.run(HOST, f"{seen}; pkill -KILL -f '^sshd: {user()}'", root=True)

    cutting = threading.Thread(target=cut)
    cutting.start()
    done = project.pyinfra("-y", "inventories/lab.py", "big.py", "--limit", HOST)
    cutting.join()
    assert done.returncode != 0
    assert "the connection broke while a command ran. Fix: " in done.stderr
    assert root("ls /srv | grep -c big || true") == "0\n"
    assert project.pyinfra("-y", "inventories/lab.py", "big.py", "--limit", HOST).returncode == 0
    assert root("stat -c %s /srv/big") == "100000000\n"


def test_a_host_reverts_soon_after_the_controller_is_killed(
    project: Project, deployed: str
) -> None:
    project.edit("app.yml", "PINBOARD_TITLE: Pinboard", 'PINBOARD_TITLE: Pinboard\n  MORE: "1"')
    project.deploy_until("Services", "--limit", deployed)
    begun = time.monotonic()
    while (
        lab.run(deployed, "test -e /var/lib/homeport/pinboard/journal", root=True).returncode == 0
    ):
        assert time.monotonic() - begun < 40, "a login that was kept has held the deploy"
        time.sleep(0.2)


def test_what_runs_on_a_host_ends_with_ctrl_c(project: Project, fresh: str) -> None:
    command = project.command("-y", "inventories/lab.py", "--limit", HOST, "exec", "--", "sleep 86")
    with subprocess.Popen(command, cwd=project.folder, stderr=subprocess.DEVNULL) as process:
        root("until pgrep -f '[s]leep 86'; do sleep 0.05; done")
        process.send_signal(2)
    root("n=0; while pgrep -f '[s]leep 86'; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done")


def test_pyinfras_own_ssh_still_deploys(project: Project, fresh: str) -> None:
    inventory = project.folder / "inventories/lab.py"
    plain = "staging = [(name.removeprefix('@openssh/'), data) for name, data in staging]\n"
    inventory.write_text(f"{inventory.read_text()}\n{plain}")
    if read(place()).hosts[HOST].asks:
        # As pyinfra's own connector takes it.
        word = f"Path({str(place().sudo_password)!r}).read_text().strip()"
        with inventory.open("a") as more:
            more.write(f"dict(staging)[{HOST!r}]['_sudo_password'] = {word}\n")
    assert len(project.converge("--limit", HOST).changed) == 9
    assert project.converge("--limit", HOST).changed == {}
    assert project.prove("--limit", HOST).returncode == 0


def test_a_user_whom_another_locked_out_of_the_runtime_directory_deploys_all_the_same(
    project: Project, fresh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run/homeport-ssh").mkdir(parents=True, mode=0o755)
    (tmp_path / "run/homeport-ssh").chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    assert execute(project, "true").returncode == 0
    assert list((tmp_path / "run/homeport-ssh").iterdir()) == []
