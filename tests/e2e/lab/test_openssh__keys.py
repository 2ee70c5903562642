"""Keys on a FIDO device: a touch is asked for, and a real server lets them in.

The device is the one of OpenSSH's own tests, a library that signs as a device would.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.asking_host import RUN
from tests.support.user_terminal import sat_at

DEVICE = "usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so"
PACKAGES = ("openssh-tests", "openssh-server", "libwrap0")
SETTINGS = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PidFile none
PasswordAuthentication no
PubkeyAcceptedAlgorithms +sk-ssh-ed25519@openssh.com
"""
AS_ROOT = """\
mount --bind {folder}/passwd /etc/passwd
mkdir -p /run/sshd
mount -t tmpfs -o mode=755 none /run/sshd
exec {sshd}
"""
TOUCH = "Confirm user presence for key ED25519-SK"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of Debian's packages of the device and of the server, installed nowhere."""
    folder = tmp_path_factory.mktemp("packages")
    subprocess.run(["apt-get", "download", "-q", *PACKAGES], cwd=folder, check=True)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
    return folder


@pytest.fixture
def key(programs: Path, tmp_path: Path) -> Path:
    """A key on the device."""
    device, file = programs / DEVICE, tmp_path / "key"
    words = ["ssh-keygen", "-q", "-t", "ed25519-sk", "-w", str(device), "-N", "", "-f", str(file)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    return file


@pytest.fixture
def port(programs: Path, key: Path, tmp_path: Path) -> Iterator[int]:
    """The port of a server on this machine, which lets the key in."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    host = tmp_path / "host"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(host)], check=True)
    known = " ".join(host.with_suffix(".pub").read_text().split()[:2])
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {known}\n")
    (tmp_path / "sshd_config").write_text(SETTINGS.format(port=port, folder=tmp_path))
    sshd = [str(programs / "usr/sbin/sshd"), "-D", "-e", "-f", str(tmp_path / "sshd_config")]
    if os.getuid() == 0:
        # It wants a user and a directory of its own there: it alone sees them.
        user = "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
        (tmp_path / "passwd").write_text(Path("/etc/passwd").read_text() + user)
        script = AS_ROOT.format(folder=tmp_path, sshd=shlex.join(sshd))
        sshd = ["unshare", "--mount", "sh", "-e", "-c", script]
    (library,) = programs.rglob("libwrap.so.0")
    variables = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
    with subprocess.Popen(sshd, env=variables, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


@pytest.fixture
def data(programs: Path, key: Path, port: int, tmp_path: Path) -> dict[str, object]:
    """Host data of a login by the key."""
    config = tmp_path / "config"
    known = tmp_path / "known_hosts"
    config.write_text(
        f"SecurityKeyProvider {programs / DEVICE}\nUserKnownHostsFile {known}\nIdentityFile {key}\n"
    )
    place = {"ssh_hostname": "127.0.0.1", "ssh_port": port}
    return {**place, "ssh_config_file": str(config), "ssh_persist": 0}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with TemporaryDirectory(prefix="hp-", dir="/tmp") as folder:
        yield Path(folder)


def test_a_touch_is_asked_for_once_a_run(data: dict[str, object], folder: Path) -> None:
    argument = json.dumps([["shed"], data, ""])
    with sat_at(RUN, argument, variables={"XDG_RUNTIME_DIR": str(folder)}) as terminal:
        assert terminal.wait() == 0
        assert "[shed] " in terminal.shown.partition(TOUCH)[0]
        assert terminal.shown.count(TOUCH) == 1
        assert "shed ran one" in terminal.shown
        assert "shed ran two" in terminal.shown


def test_a_key_in_an_agent_asks_nothing_on_the_terminal(
    data: dict[str, object], programs: Path, key: Path, folder: Path
) -> None:
    agent, device = folder / "agent", str(programs / DEVICE)
    variables = {"XDG_RUNTIME_DIR": str(folder), "SSH_AUTH_SOCK": str(agent)}
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(agent), "-P", device]) as process:
        try:
            while not agent.exists():
                time.sleep(0.02)
            added = ["ssh-add", "-q", "-S", device, str(key)]
            subprocess.run(added, check=True, env={**os.environ, **variables})
            argument = json.dumps([["shed"], data, "anew"])
            with sat_at(RUN, argument, variables=variables) as terminal:
                assert terminal.wait() == 0
                assert "ran anew" in terminal.shown
                assert "[shed] " not in terminal.shown
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
