"""A host that somebody edited by hand is put right, and only that is changed."""

from __future__ import annotations

import pytest

import lab
from tests.e2e.lab.project import SLOT, Project

pytestmark = pytest.mark.long

RELEASE = "$(readlink /srv/pinboard/current)"
WEB, WORKER = "pinboard-web@.service", "pinboard-worker.service"
DROP_INS = f"/etc/systemd/system/pinboard-web@{SLOT}.service.d"
WORKER_DROP_INS = "/etc/systemd/system/pinboard-worker.service.d"

# What somebody did as root, and the targets of the changes that put it right.
EDITS = {
    "a file's content": (
        "echo 'PINBOARD_TITLE=mine' >> /etc/homeport/pinboard/environment",
        {"/etc/homeport/pinboard/environment"},
    ),
    "a secret's mode": (
        "chmod 644 /etc/homeport/pinboard/secrets",
        {"/etc/homeport/pinboard/secrets"},
    ),
    "a file's owner": (
        "chown daemon /etc/homeport/pinboard/environment",
        {"/etc/homeport/pinboard/environment"},
    ),
    "a file that is gone": (
        "rm /srv/pinboard/bin/record-start",
        {"/srv/pinboard/bin/record-start"},
    ),
    "a file replaced by a link": (
        "ln -sf /dev/null /srv/pinboard/bin/check-imports",
        {"/srv/pinboard/bin/check-imports"},
    ),
    "a folder's mode": ("chmod 700 /srv/pinboard", {"/srv/pinboard"}),
    "a unit file": (
        "sed -i s/MemoryMax=.*/MemoryMax=1G/ /etc/systemd/system/pinboard-worker.service",
        {"/etc/systemd/system/pinboard-worker.service"},
    ),
    "a unit that somebody loaded": (
        "sed -i s/WatchdogSec=.*/WatchdogSec=99/ /etc/systemd/system/pinboard-worker.service;"
        "systemctl daemon-reload; systemctl restart pinboard-worker",
        {"/etc/systemd/system/pinboard-worker.service", WORKER},
    ),
    "a unit, by a drop-in": (
        "mkdir /etc/systemd/system/pinboard-worker.service.d;"
        "printf '[Service]\\nWatchdogSec=99\\n' "
        "> /etc/systemd/system/pinboard-worker.service.d/override.conf",
        {"/etc/systemd/system/pinboard-worker.service.d/override.conf"},
    ),
    "a service that was started with a drop-in": (
        f"mkdir -p {DROP_INS};"
        f"printf '[Service]\\nProtectSystem=false\\n' > {DROP_INS}/override.conf;"
        f"systemctl daemon-reload; systemctl restart pinboard-web@{SLOT}",
        {f"{DROP_INS}/override.conf", WEB},
    ),
    "an environment that a service was started with": (
        "echo 'PINBOARD_TITLE=mine' >> /etc/homeport/pinboard/environment;"
        "systemctl restart pinboard-worker",
        {"/etc/homeport/pinboard/environment", WORKER},
    ),
    "an environment that a slot was started with": (
        f"echo 'PINBOARD_TITLE=mine' >> /srv/pinboard/slots/{SLOT}/etc/environment;"
        f"systemctl restart pinboard-web@{SLOT}",
        {WEB},
    ),
    "a slot that is stopped": (f"systemctl stop pinboard-web@{SLOT}", {WEB}),
    "a service that is stopped": ("systemctl stop pinboard-worker", {WORKER}),
    "a service that is disabled": ("systemctl disable pinboard-worker", {WORKER}),
    "a timer that is stopped": ("systemctl stop pinboard-tidy.timer", {"pinboard-tidy.timer"}),
    "the release that is current": (
        f"cp -a {RELEASE} /srv/pinboard/releases/mine;"
        "ln -sfn /srv/pinboard/releases/mine /srv/pinboard/current",
        {"/srv/pinboard/current"},
    ),
    "a release that a service was started from": (
        f"cp -a {RELEASE} /srv/pinboard/releases/mine;"
        "ln -sfn /srv/pinboard/releases/mine /srv/pinboard/current;"
        "systemctl restart pinboard-worker",
        {"/srv/pinboard/current", WORKER},
    ),
    "the application's code": (
        f"echo 'mine = 1' >> {RELEASE}/pinboard/worker.py",
        {RELEASE, WEB, WORKER},
    ),
    "code that its service may write": (
        f"chown pinboard {RELEASE}/pinboard/store.py",
        {RELEASE, WEB, WORKER},
    ),
    "a package of the venv": (
        f"rm -r {RELEASE}/venv/lib/python3.11/site-packages/orjson*",
        {f"{RELEASE}/venv", WEB, WORKER},
    ),
    "the interpreter of the venv": (
        f"rm {RELEASE}/venv/bin/python",
        {f"{RELEASE}/venv", WEB, WORKER},
    ),
    "a venv that is gone": (
        f"rm -r $(readlink -f {RELEASE}/venv)/lib",
        {f"{RELEASE}/venv", WEB, WORKER},
    ),
    "a release that is gone": (f"rm -r {RELEASE}", {RELEASE, WEB, WORKER}),
    "a link that is gone": ("rm /srv/pinboard/current", {"/srv/pinboard/current"}),
    "the records of what services read": ("rm -r /run/homeport", {WEB, WORKER}),
    "a package that is gone": ("dpkg --remove --force-depends curl", {"curl"}),
    "the ledger": (
        "rm /var/lib/homeport/pinboard/files",
        {"/var/lib/homeport/pinboard/files"},
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_somebody_changed_by_hand_is_put_right_and_nothing_else(
    project: Project, deployed: str, edit: str
) -> None:
    script, targets = EDITS[edit]
    expected = {_resolved(deployed, target) for target in targets}
    lab.run(deployed, f"set -e; {script}", root=True).check_returncode()

    foretold = project.dry("--limit", deployed).plan(deployed)
    done = project.converge("--limit", deployed)
    assert {target for _, _, target in done.plan(deployed)} == expected
    assert foretold == done.plan(deployed)
    again = project.converge("--limit", deployed)
    assert again.changed == {}
    # A drop-in is set aside where it was: its folder is the host's own.
    lab.run(deployed, f"rm -rf {DROP_INS} {WORKER_DROP_INS}", root=True).check_returncode()


def _resolved(host: str, target: str) -> str:
    script = f'path={target}; case $path in */venv) readlink -f "$path" ;; *) echo "$path" ;; esac'
    return lab.run(host, script, root=True).stdout.strip()


def test_what_nobody_described_is_left_alone(project: Project, deployed: str) -> None:
    lab.run(deployed, "echo theirs > /etc/homeport/pinboard/theirs", root=True)
    assert project.converge("--limit", deployed).changed == {}
    assert lab.run(deployed, "cat /etc/homeport/pinboard/theirs", root=True).stdout == "theirs\n"


def test_a_folder_in_the_place_of_a_file_is_refused_and_never_deleted(
    project: Project, deployed: str
) -> None:
    path = "/srv/pinboard/bin/run"
    lab.run(deployed, f"rm {path}; mkdir {path}; echo theirs > {path}/file", root=True)
    done = project.deploy("--limit", deployed)
    assert done.code != 0
    assert f"{path} is a directory on the host; move it away" in done.output
    assert "Traceback" not in done.output
    assert lab.run(deployed, f"cat {path}/file", root=True).stdout == "theirs\n"
    lab.run(deployed, f"rm -r {path}", root=True)
