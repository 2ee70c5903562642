"""A deploy waits for what a new host does by itself: cloud-init, apt-daily, unattended upgrades."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from subprocess import TimeoutExpired

import pytest

import lab
from tests.e2e.lab.bare import eventually
from tests.e2e.lab.project import Deploy, Project

HOST = "staging"
APP = """\
name: first
source: first
python: "3.11"
apt_packages: [{packages}]
processes:
  worker: {{command: python worker.py}}
release: {{soak: 1, drain_timeout: 1}}
"""
WORKER = "import time\n\nif __name__ == '__main__':\n    time.sleep(9999)\n"
# Of a package of ours the second version takes its time, as those of a kernel do. All is the
# distribution's own but for what makes it take long: a package, and a source that is slow.
PREPARED = """\
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y install --no-install-recommends cloud-init unattended-upgrades >/dev/null 2>&1
systemctl stop unattended-upgrades
repository=/var/local/repository
mkdir -p $repository /var/lib/cloud/seed/nocloud /etc/cloud/cloud.cfg.d
for version in 1 2; do
  built=$(mktemp -d)
  mkdir $built/DEBIAN
  printf '%s\\n' 'Package: held' "Version: $version" 'Architecture: all' \\
    'Maintainer: lab <lab@example.org>' 'Description: takes its time' >$built/DEBIAN/control
  printf '#!/bin/sh\\ntouch /root/holds\\nsleep %s\\n' $((version * 3)) >$built/DEBIAN/postinst
  chmod 755 $built $built/DEBIAN/postinst
  dpkg-deb -b $built $repository/held_$version.deb >/dev/null
done
cd $repository
{ dpkg-deb -f held_2.deb; echo Filename: ./held_2.deb; stat -c 'Size: %s' held_2.deb
  echo "SHA256: $(sha256sum held_2.deb | cut -d' ' -f1)"; } >Packages
{ printf '%s\\n' 'Origin: Lab' 'Label: Lab' 'Suite: lab' "Date: $(date -Ru)" 'SHA256:'
  echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"; } >Release
echo "deb [trusted=yes] file:$repository ./" >/etc/apt/sources.list.d/lab.list
cat >/etc/apt/apt.conf.d/99lab <<'END'
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Origins-Pattern { "origin=Lab"; };
END
cat >/etc/cloud/cloud.cfg.d/99-lab.cfg <<'END'
datasource_list: [NoCloud]
network: {config: disabled}
END
echo 'instance-id: first' >/var/lib/cloud/seed/nocloud/meta-data
cat >/var/lib/cloud/seed/nocloud/user-data <<'END'
#cloud-config
preserve_hostname: true
ssh_deletekeys: false
users: []
runcmd:
  - [sh, -c, "apt-get -y install /var/local/repository/held_1.deb; sleep 6"]
  - [sh, -c, "dpkg-query -W tree >/root/early; touch /root/done"]
END
cat >/root/slow.py <<'END'
import os, socket, time
slow = "/etc/apt/sources.list.d/slow.list"
with socket.create_server(("127.0.0.1", 9099)) as server:
    open(slow, "w").write("deb [trusted=yes] http://127.0.0.1:9099/ ./")
    connection, _ = server.accept()
    open("/root/updates", "w")
    time.sleep(6)
    os.remove(slow)
END
"""
LOCKED = "{} 2>&1 >/dev/null | grep 'Could not get lock'"


def root(script: str) -> str:
    """Return what a script prints that must succeed as root."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def prepared(hosts: None) -> Iterator[None]:
    """Have a host that will do at its next boot what an image does at its first one."""
    lab.reset(HOST)
    root(PREPARED)
    yield
    lab.reset(HOST)


def deployed(project: Project, packages: str) -> Deploy:
    """Deploy an application that needs these packages of Debian."""
    folder = project.folder / "first"
    folder.mkdir(exist_ok=True)
    (folder / "worker.py").write_text(WORKER)
    (project.folder / "app.yml").write_text(APP.format(packages=packages))
    (project.folder / "group_data/staging.py").write_text("_sudo = True\n")
    return project.converge("--limit", HOST)


def test_first_boot__a_cloud_init_that_is_at_work_is_waited_for(
    project: Project, prepared: None
) -> None:
    with suppress(TimeoutExpired):
        lab.run(HOST, "systemctl reboot", root=True)
    time.sleep(1)
    assert eventually(HOST, "test -e /root/holds", 60)
    # Of some part it may say that it failed, as in a container: it is at work all the same.
    assert root("systemctl is-system-running || :") == "starting"
    assert lab.run(HOST, "test -e /root/done", root=True).returncode != 0
    deployed(project, "tree")
    # It was done before any package came.
    assert root("test -e /root/done; cat /root/early") == ""
    assert root("dpkg-query -W -f '${Status}' tree") == "install ok installed"


def test_first_boot__apt_daily_and_unattended_upgrades_are_waited_for(
    project: Project, prepared: None
) -> None:
    root("systemd-run -q --unit=slow python3 /root/slow.py; sleep 1")
    root("systemctl start --no-block apt-daily")
    assert eventually(HOST, "test -e /root/updates", 20)
    assert "/var/lib/apt/lists/lock" in root(LOCKED.format("apt-get -qq update"))
    deployed(project, "tree")

    root("rm /root/holds; systemctl start --no-block apt-daily-upgrade")
    assert eventually(HOST, "test -e /root/holds", 60)
    assert "/var/lib/dpkg/lock" in root(LOCKED.format("apt-get -y install hello"))
    deployed(project, "tree, hello")
    shown = "dpkg-query -W -f '${Version} ${Status}\\n' held hello"
    assert [line.split()[-1] for line in root(shown).splitlines()] == ["installed", "installed"]
    assert root("dpkg-query -W held") == "held\t2"
