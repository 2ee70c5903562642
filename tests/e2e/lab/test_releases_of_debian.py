"""The newest Debian is served like the one before it, each with its own Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lab
from tests.e2e.lab.bare import eventually
from tests.e2e.lab.project import PINBOARD, Project, lab_command


@pytest.fixture
def trixie(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return a Debian 13 host in a lab of its own."""
    monkeypatch.setenv("HOMEPORT_LAB", "test-13")
    lab_command("up", "trixie=amd64,13")
    yield "trixie"
    lab_command("down")


def test_debian_13_is_deployed_to_and_proven_with_its_own_python(
    project: Project, trixie: str
) -> None:
    refused = project.deploy()
    assert refused.code == 1
    assert "app.yml:5: python: Debian 13 has Python 3.13, not 3.11. Fix: " in refused.output

    project.edit("group_data/staging.py", "app = {", 'app = {"python": "3.13", ')
    project.edit("app.yml", "\nenvironment:", "\napt_packages: [libssl3]\nenvironment:")
    installed = lab.run(trixie, "dpkg-query -W").stdout
    refused = project.deploy()
    assert refused.code == 1
    message = "libssl3 is provided by libssl3t64 on this Debian"
    assert sum(message in line for line in refused.output.splitlines()) == 1, refused.output
    assert lab.run(trixie, "dpkg-query -W; ls -d /srv/pinboard").stdout == installed
    project.edit("group_data/staging.py", "app = {", 'app = {"apt_packages": ["libssl3t64"], ')
    project.converge()
    assert '"ready":true' in lab.run(trixie, f"curl -s {PINBOARD}/health/ready").stdout
    python = "readlink -f /proc/$(systemctl show -p MainPID --value pinboard-worker)/exe"
    assert lab.run(trixie, python, root=True).stdout.strip() == "/usr/bin/python3.13"
    assert project.converge().changed == {}
    # Restarts come slower and slower, which is new in this systemd; nginx is back when it dies.
    killed = "systemctl kill -s KILL pinboard-worker; kill -KILL $(cat /run/nginx.pid)"
    lab.run(trixie, killed, root=True).check_returncode()
    answers = f"systemctl -q is-active pinboard-worker && curl -fs {PINBOARD}/health/ready"
    assert eventually(trixie, answers, 20)
    seen = lab.run(trixie, "systemctl show -p RestartSteps pinboard-worker").stdout
    assert "RestartSteps=5" in seen
    rated = "systemd-analyze security --no-pager nginx | tail -n 1"
    overall = lab.run(trixie, rated, root=True).stdout
    assert float(overall.partition("nginx.service: ")[2].split()[0]) <= 3.0, overall
    proof = project.prove()
    assert proof.returncode == 0, proof.stdout
