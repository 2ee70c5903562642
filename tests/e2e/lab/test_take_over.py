"""A host of an earlier homeport is refused, is taken over by one command, and serves on."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab
from lab.paths import place
from lab.state import read
from tests.e2e.lab.project import ROOT, TOKEN, Project
from tests.e2e.lab.snapshots import CLEARED_UP

BEFORE = "de7dc4a170900c00059e9d8375c2624db16b5eab"
"""The last commit whose program on the host was called homeport, and whose files had no version."""

HOST = "staging"
PLACES = "/etc /srv/pinboard /usr/local /var/lib/homeport"
OLD = (
    "/usr/local/sbin/homeport /usr/local/lib/homeport /usr/local/lib/homeport.versions"
    " /etc/systemd/system/homeport-boot.service /var/lib/homeport/working /var/lib/homeport/key"
    " /var/lib/homeport/pinboard/last /srv/pinboard/bin/record /srv/pinboard/bin/initialised"
    " /srv/pinboard/bin/show-socket /srv/pinboard/bin/await-socket"
)
GAP = 2.0
"""Seconds before and after the start of nginx, which systemd tells to the second."""
ASK = """\
while :; do
  curl -fs -m 5 -o /dev/null http://127.0.0.1:8000/health/ready && echo well || date +%s.%N
  sleep 0.2
done >>/run/asked
"""


def root(script: str) -> str:
    """Run a script on the host as root; return what it printed."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def before(hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project as it was at that commit, with this lab's host in its inventory."""
    done = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(
            f"commit {BEFORE[:7]} is not in this clone, which may be shallow, so nothing can be "
            "deployed with it. Fix: git fetch --unshallow"
        )
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        tar.extractall(folder, filter="data")
    data = {
        "ssh_config_file": str(place().ssh_config),
        "ssh_hostname": HOST,
        "ssh_known_hosts_file": str(place().known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "architecture": "amd64",
        "debian": "12",
        "allow_dirty": True,
    }
    known = read(place()).hosts[HOST]
    if known.user != "root":
        data["_sudo"] = True
    if known.asks:
        # As that one took it: by pyinfra's own way.
        data["_sudo_password"] = place().sudo_password.read_text().strip()
    (folder / "inventories/lab.py").write_text(f"staging = [({HOST!r}, {data!r})]\n")
    with (folder / "app.yml").open("a") as described:
        described.write("\nrelease: {soak: 1, drain: 1}\n")
    (folder / "secrets").mkdir(mode=0o700)
    token = folder / "secrets/pinboard-token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    return folder


@pytest.fixture
def polled(fresh: str, before: Path, project: Project) -> Iterator[None]:
    """Have the earlier homeport deploy to a new host, and ask it all the time from then on."""
    command = project.command("--json", "-y", "inventories/lab.py", "deploy.py", "--limit", HOST)
    done = subprocess.run(command, cwd=before, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    root(f"systemd-run --quiet --unit=asked sh -c {shlex.quote(ASK)}")
    yield
    root("systemctl stop asked")


def test_take_over__a_host_of_an_earlier_homeport_is_refused_and_serves_while_it_is_taken_over(
    polled: None, project: Project
) -> None:
    listed = f"find {PLACES} -printf '%p %y %m %u %T@ %l\\n' | sort"
    was, ran = root(listed), root("cat /var/lib/homeport/pinboard/history")

    refused = project.deploy("--limit", HOST)
    assert refused.code != 0
    lines = [line for line in refused.output.splitlines() if "an earlier homeport" in line]
    assert len(lines) == 1, refused.output
    assert root(listed) == was
    words = shlex.split(re.search("`(.*)`", lines[0])[1])  # type: ignore[index]  # it is there
    assert words == ["pyinfra", "inventories/lab.py", "deploys/take_over.py", "--limit", HOST]

    # Whoever reads that types it; it may be typed twice.
    for _ in range(2):
        done = project.pyinfra("-y", *words[1:])
        assert done.returncode == 0, done.stdout + done.stderr
    assert root("systemctl list-units --no-legend 'homeport-*'") == ""

    done = project.converge("--limit", HOST)
    assert "nginx restarts once now: requests are cut" in done.output
    nginx = root('date +%s -d "$(systemctl show --value -p ExecMainStartTimestamp nginx)"')
    root(f"until {CLEARED_UP}; do sleep 1; done")
    assert project.converge("--limit", HOST).changed == {}
    assert root("systemctl list-units --all --no-legend 'homeport-*'") == ""
    assert root(f"ls -d {OLD} 2>/dev/null || :") == ""
    assert root("grep -rlE 'homeport-boot|/bin/(record|show-socket) ' /etc/systemd || :") == ""
    history = [
        json.loads(line) for line in root("homeportctl history pinboard --json").split("\n") if line
    ]
    assert history[0]["id"] == json.loads(ran.splitlines()[0])["id"]
    assert [deploy["outcome"] for deploy in history] == ["confirmed", "confirmed"]
    answers = root("cat /run/asked").splitlines()
    assert len(answers) > 20
    # No request fails but in the gap that the plan announces: the one restart of nginx.
    failed = [float(answer) for answer in answers if answer != "well"]
    assert [at for at in failed if abs(at - float(nginx)) > GAP] == []
