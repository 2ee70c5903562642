"""Who may log in to a host that was bootstrapped, where that leads, and how it ends."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import lab
from lab.paths import place
from tests.e2e.lab.bare import address, bare_lab, bootstrap, bootstrapped, eventually, root
from tests.e2e.lab.project import TOKEN, Project

pytestmark = pytest.mark.long

HOSTS = {"bookworm": "12", "trixie": "13"}


@pytest.fixture(scope="module", autouse=True)
def bare_hosts(hosts: None) -> Iterator[None]:
    with bare_lab(*(f"{name}={debian}" for name, debian in HOSTS.items())):
        yield


@pytest.fixture(scope="module", params=HOSTS)
def host(
    request: pytest.FixtureRequest, bare_hosts: None, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Return a host that was bootstrapped."""
    bootstrapped(quick(tmp_path_factory.mktemp("project")), request.param)
    return str(request.param)


def quick(folder: Path, **data: object) -> Project:
    """Return a project that has little to install, with these host data."""
    folder.mkdir(exist_ok=True)
    project = Project(folder)
    project.edit("homeport/description/bootstrap.py", ', "unattended-upgrades"', "")
    inventory = project.folder / "inventories/lab.py"
    inventory.write_text(f"{inventory.read_text()}for _, data in pi:\n    data |= {data!r}\n")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project as it was when the hosts were bootstrapped."""
    return quick(tmp_path / "one")


def new_key(folder: Path, name: str) -> Path:
    """Make a key; return its private half."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
    subprocess.run(words, check=True)
    return folder / name


def ssh(
    host: str, *words: str, user: str = "deploy", key: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the system's ssh with a key, the lab's without one, as a person does."""
    return subprocess.run(
        [*_command(host, user, key), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _command(host: str, user: str, key: Path | None) -> list[str]:
    options = {
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "BatchMode": "yes",
        "UserKnownHostsFile": place().pinned,
        "ControlPath": "none",
    }
    listed = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    there = f"{user}@{address(host)}"
    return ["ssh", "-F", "none", *listed, "-i", str(key or place().key), there]


def test_a_login_leads_nowhere_else_and_no_other_account_has_one(
    host: str, project: Project, tmp_path: Path
) -> None:
    assert ssh(host, "id -un").stdout == "deploy\n"
    through = _forwarded(host, "127.0.0.1:22")
    assert "administratively prohibited" in through.stderr
    assert "SSH-2.0" not in through.stdout
    for option in (("-R", "0:127.0.0.1:22"), ("-R", "/tmp/sock:127.0.0.1:22")):
        refused = _with_options(host, "-o", "ExitOnForwardFailure=yes", *option)
        assert refused.returncode != 0, option
    agent = ["ssh-agent", "sh", "-c", f'ssh-add -q {place().key} && exec "$@"', "-"]
    forwarding = [*_command(host, "deploy", None)[:-1], "-A", f"deploy@{address(host)}"]
    echoed = subprocess.run(
        [*agent, *forwarding, "echo agent=$SSH_AUTH_SOCK"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert echoed.stdout == "agent=\n"

    # One that comes later has a key, and no way in; and the next bootstrap asks what is meant.
    key = new_key(tmp_path, "eve")
    public = key.with_suffix(".pub").read_text().strip()
    root(host, "useradd -m eve; install -d -o eve -g eve -m 700 /home/eve/.ssh")
    root(host, f"echo '{public}' >/home/eve/.ssh/authorized_keys; chown eve: /home/eve/.ssh/*")
    try:
        assert "Permission denied" in ssh(host, "true", user="eve", key=key).stderr
        refused = bootstrap(project, host)
        assert refused.code != 0
        assert "eve has keys and would be shut out; name each in allow_users" in refused.output
        shut = quick(tmp_path / "shut", deny_users=["eve"])
        assert bootstrapped(shut, host).changed == {}
        let_in = quick(tmp_path / "let_in", allow_users=["eve"])
        assert set(bootstrapped(let_in, host).changed) == {"SSH logins"}
        assert ssh(host, "id -un", user="eve", key=key).stdout == "eve\n"
        bootstrapped(shut, host)
        assert "Permission denied" in ssh(host, "true", user="eve", key=key).stderr
    finally:
        root(host, "userdel -rf eve 2>/dev/null")


def test_a_jump_host_leads_to_what_it_names_and_nowhere_else(host: str, tmp_path: Path) -> None:
    (other,) = HOSTS.keys() - {host}
    goal = f"{address(other)}:22"
    jump = quick(tmp_path / "jump", permit_open=[goal])
    assert set(bootstrapped(jump, host).changed) == {"SSH logins"}
    assert _forwarded(host, goal).stdout.startswith("SSH-2.0")
    for wrong in ("127.0.0.1:22", f"{address(other)}:23"):
        assert "administratively prohibited" in _forwarded(host, wrong).stderr
    bootstrapped(quick(tmp_path / "none"), host)
    assert "administratively prohibited" in _forwarded(host, goal).stderr


def test_a_key_that_is_revoked_leaves_the_host_with_its_sessions(host: str, tmp_path: Path) -> None:
    if host == "bookworm":
        # As every Debian that wasn't made by debootstrap: a login has a scope of its own.
        install = "apt-get -qq install -y libpam-systemd >/dev/null"
        root(host, f"{install}; systemctl start systemd-logind")
    ours, stolen = place().key.with_suffix(".pub"), new_key(tmp_path, "stolen")
    both = quick(tmp_path / "both", authorized_keys=[str(ours), f"{stolen}.pub"])
    assert set(bootstrapped(both, host).changed) == {"Files"}
    # What goes on when its session is over.
    for key, command in ((stolen, "nohup"), (stolen, "sudo"), (None, "nohup")):
        seconds = 4322 if key else 4323
        line = f"setsid -f {command} sleep {seconds} >/dev/null 2>&1 </dev/null"
        assert ssh(host, line, key=key).returncode == 0
    assert lab.run(host, "pgrep -c -f '^sleep 432'", root=True).stdout.strip() == "3"
    with shared(host, stolen) as through, shared(host, place().key) as mine:
        assert through("id -un").stdout == "deploy\n"
        left = through("setsid -f sudo sleep 4321 >/dev/null 2>&1; sleep 0.5")
        assert left.returncode == 0, left.stderr
        assert lab.run(host, "pgrep -f 'sleep 4321'", root=True).stdout

        one = quick(tmp_path / "one", authorized_keys=[str(ours)])
        done = bootstrapped(one, host)
        assert set(done.changed) == {"Files", "SSH sessions"}
        assert "the key that opened it may log in no more: SHA256:" in done.output
        assert through("true").returncode != 0
        assert mine("id -un").stdout == "deploy\n"
    assert eventually(host, "! pgrep -f '[s]leep 432[12]'", 5)
    assert lab.run(host, "pkill -f '^sleep 4323'", root=True).returncode == 0
    assert "Permission denied" in ssh(host, "true", key=stolen).stderr
    assert bootstrapped(one, host).changed == {}


READ = "/usr/local/sbin/homeport-read"
OTHER_QUESTIONS = (
    *("", "sh", "id", "status pinboard; id", "status $(id)", "status `id`", "status | sh"),
    *("status ../../etc", "status _host", "logs ssh", "logs pinboard ../ssh", "logs pinboard -u"),
    *("logs pinboard --file=/etc/shadow", "logs pinboard web 0", "logs pinboard web 100000"),
    *("logs pinboard worker --output=export", "history pinboard --json", "lock for-ever"),
    *("rollback pinboard", "cat /etc/shadow", "status -h", "sudo -i", f"{READ} status"),
    *("/usr/lib/openssh/sftp-server", "scp -f /etc/shadow", "rsync --server . /", "status\nid"),
)
ON_THE_HOST = (
    *(
        "sudo -n id",
        "sudo -n -i",
        "sudo -n -s",
        f"sudo -n {READ} sh",
        f"sudo -n -u pinboard {READ}",
    ),
    *(f"sudo -n -E {READ} status", f"sudo -n LD_PRELOAD=/tmp/x.so {READ} status"),
    *(f"sudo -n -D /etc {READ} status", f"sudo -n -R /tmp {READ} status", "sudo -n -e /etc/shadow"),
    *(f"sudo -n -g root {READ} status", f"sudo -n {READ} lock now", "sudo -n journalctl"),
    *("cat /etc/homeport/pinboard/secrets", "cat /var/lib/homeport/hmac-key", "cat /etc/shadow"),
    *("cat /proc/$(pgrep -f pinboard.worker | head -n 1)/environ",),
    "journalctl -q -u pinboard-worker | grep .",
    *(
        "touch /home/ann/x",
        "echo key >>/home/ann/.ssh/authorized_keys",
        "mv /home/ann/.ssh /home/ann/ssh",
        f"echo >>{READ}",
    ),
    *("systemctl restart pinboard-worker", "pkill -f pinboard.worker"),
    *(
        "systemd-run id",
        "su -c id",
        "crontab -l",
        f"exec 3>{READ}",
        "ls /var/lib/homeport/pinboard",
    ),
)
STATE = (
    "{ find /etc /usr/local /srv /home /root /var/lib/homeport /var/spool/cron -type f"
    " ! -path '*/__pycache__/*' -exec sha256sum {} +; systemctl show -p MainPID pinboard-worker; }"
    " | sort | sha256sum"
)


def test_a_reader_asks_and_can_neither_change_anything_nor_read_a_secret(
    host: str, tmp_path: Path
) -> None:
    key = new_key(tmp_path, "ann")
    reading = quick(tmp_path / "reading", readers={"ann": [f"{key}.pub"]})
    done = bootstrapped(reading, host)
    assert {"Readers", "Files", "SSH logins"} <= set(done.changed)
    early = ssh(host, "status", user="ann", key=key)
    assert early.stderr == "nothing is deployed to this host\n"
    if host == "trixie":
        reading.edit("app.yml", 'python: "3.11"', 'python: "3.13"')
    reading.converge("--limit", host)
    # What an application should never do: its secret is in its own log, and what erases a screen.
    root(
        host,
        "echo $$ >/sys/fs/cgroup/system.slice/pinboard-worker.service/cgroup.procs;"
        f" (printf 'canary {TOKEN} \\033[2J\\n'; sleep 1) | systemd-cat; sleep 1",
    )
    before = root(host, STATE)

    def answer(*words: str) -> subprocess.CompletedProcess[str]:
        done = ssh(host, *words, user="ann", key=key)
        assert TOKEN not in done.stdout + done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        return done

    assert "pinboard: runs " in answer("status").stdout
    assert "pinboard: runs " in answer("status pinboard").stdout
    assert "confirmed" in answer("history pinboard 5").stdout
    logs = answer("logs pinboard worker 50").stdout
    assert "pinboard-worker.service: canary (PINBOARD_TOKEN)" in logs
    assert "\\x1b[2J" in logs
    assert {line.split()[1][:9] for line in answer("logs pinboard").stdout.splitlines()} == {
        "pinboard-"
    }
    assert len(answer("logs pinboard 3").stdout.splitlines()) == 3
    for question in OTHER_QUESTIONS:
        refused = answer(question)
        assert (refused.returncode, refused.stdout) == (2, ""), question
    assert "administratively prohibited" in _forwarded(host, "127.0.0.1:22", "ann", key).stderr
    for options in (("-s", "sftp"), ("-tt", "sh"), ("-o", "SetEnv=LC_ALL=;id", "sh")):
        words = _command(host, "ann", key)
        tried = [*words[:-1], *options[:-1], words[-1], options[-1]]
        done = subprocess.run(tried, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        assert done.returncode != 0
        assert b"uid=" not in done.stdout
    for command in ON_THE_HOST:
        tried = lab.run(host, f"cd / && runuser -u ann -- sh -c {shlex.quote(command)}", root=True)
        assert tried.returncode != 0, command
        assert TOKEN not in tried.stdout + tried.stderr
        assert "uid=" not in tried.stdout
    assert root(host, STATE) == before

    with shared(host, key, "ann") as through:
        assert through("status").returncode == 0
        gone = bootstrapped(quick(tmp_path / "gone"), host)
        assert {"Readers", "Files", "SSH logins"} <= set(gone.changed)
        assert through("status").returncode != 0
    assert "Permission denied" in ssh(host, "status", user="ann", key=key).stderr
    left = root(
        host, f"ls -d /home/ann {READ} /etc/sudoers.d/homeport-readers 2>&1 | grep -c 'No s'"
    )
    assert left == "3\n"
    assert lab.run(host, "getent passwd ann", root=True).returncode != 0
    assert bootstrapped(quick(tmp_path / "again"), host).changed == {}


@contextmanager
def shared(
    host: str, key: Path, user: str = "deploy"
) -> Iterator[Callable[[str], subprocess.CompletedProcess[str]]]:
    """Hold a connection; yield what runs a command through it, and through it alone."""
    control = Path("/tmp") / f"hp-access-{key.name}-{host}"
    words = _command(host, user, key)
    words[words.index("ControlPath=none")] = f"ControlPath={control}"
    master = subprocess.Popen([*words[:-1], "-M", "-N", words[-1]], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not control.exists() and time.monotonic() < deadline:
            time.sleep(0.1)

        def run(command: str) -> subprocess.CompletedProcess[str]:
            only = [*words[:-1], "-o", "ProxyCommand=false", words[-1], command]
            return subprocess.run(only, capture_output=True, text=True, timeout=60, check=False)

        yield run
    finally:
        master.terminate()
        master.wait()
        control.unlink(missing_ok=True)


def _forwarded(
    host: str, goal: str, user: str = "deploy", key: Path | None = None
) -> subprocess.CompletedProcess[str]:
    words = _command(host, user, key)
    line = shlex.join([*words[:-1], "-W", goal, words[-1]])
    # A server greets: what comes in two seconds is its greeting.
    return subprocess.run(
        ["sh", "-c", f"sleep 2 | {line} | head -c 20"], capture_output=True, text=True, check=False
    )


def _with_options(host: str, *options: str) -> subprocess.CompletedProcess[str]:
    words = _command(host, "deploy", None)
    return subprocess.run(
        [*words[:-1], *options, words[-1], "true"], capture_output=True, text=True, check=False
    )
