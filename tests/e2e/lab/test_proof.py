"""The production specs pass on what was deployed, and fail on what was broken."""

from __future__ import annotations

import pytest

import lab
from tests.e2e.lab.project import Project

pytestmark = pytest.mark.long

# What breaks a host, what fixes it where a deploy doesn't, and what the specs then say.
FAULTS = {
    "a worker that is stopped": ("systemctl stop pinboard-worker", "pinboard-worker"),
    "a worker that hangs": (
        "kill -STOP $(systemctl show -p MainPID --value pinboard-worker)",
        "heart",
    ),
    "a secret that others may read": ("chmod 644 /etc/homeport/pinboard/secrets", "secrets"),
    "code that is edited": (
        "echo 'mine = 1' >> /srv/pinboard/current/pinboard/worker.py",
        "pinboard/worker.py",
    ),
    "code that the service may write": ("chmod a+w /srv/pinboard/current/pinboard", "can write"),
    "a program that cannot be run": (
        "chmod a-x /srv/pinboard/current/venv/bin/gunicorn",
        "gunicorn is not there to be started",
    ),
    "a venv that sees the system's packages": (
        "sed -i 's/packages = false/packages = true/' /srv/pinboard/current/venv/pyvenv.cfg",
        "packages are let in",
    ),
    "a timer that is not due": ("systemctl stop pinboard-tidy.timer", "pinboard-tidy"),
    "nginx that is stopped": ("systemctl stop nginx", "nginx is inactive"),
    "a database that does not answer": (
        "systemctl stop pinboard-worker; chmod 000 /var/lib/pinboard/pinboard.sqlite3*;"
        "systemctl restart 'pinboard-web@*'",
        "/health/ready",
    ),
    "a guard that would not start at boot": (
        "systemctl disable --quiet homeportctl-boot",
        "homeportctl-boot.service is not enabled",
    ),
    "a package that is gone": ("dpkg --remove --force-depends curl", "curl"),
}
FIXES = "chmod 644 /var/lib/pinboard/pinboard.sqlite3*; chmod 755 /srv/pinboard/current/pinboard"
FIXES += "; chmod 755 /srv/pinboard/current/venv/bin/gunicorn"


def test_what_was_deployed_is_proven_on_every_host(project: Project) -> None:
    project.converge()
    proof = project.prove()
    assert proof.returncode == 0, proof.stdout
    assert " passed" in proof.stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_broken_is_not_proven(project: Project, deployed: str, fault: str) -> None:
    script, message = FAULTS[fault]
    try:
        lab.run(deployed, script, root=True).check_returncode()
        proof = project.prove("--limit=staging")
    finally:
        lab.run(deployed, f"{FIXES}; systemctl kill -s CONT pinboard-worker", root=True)
    assert proof.returncode == 1, proof.stdout
    assert message in proof.stdout, proof.stdout
    project.converge("--limit", deployed)
    again = project.prove("--limit=staging")
    assert again.returncode == 0, again.stdout


def test_a_reboot_and_a_crash_bring_everything_back(project: Project, deployed: str) -> None:
    proof = project.prove("--limit=staging", "--disruptive")
    assert proof.returncode == 0, proof.stdout


def test_an_inventory_without_hosts_proves_nothing_and_says_so(project: Project) -> None:
    (project.folder / "inventories/lab.py").write_text("staging = []\n")
    proof = project.prove()
    assert proof.returncode not in (0, 1)
