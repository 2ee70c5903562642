"""Back to what was good: in one command, from anywhere, also when nothing else works any more."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from shlex import quote

import pytest

import lab
from homeport.engine.transaction import REFUSED, who
from tests.e2e.lab.fleet import current
from tests.e2e.lab.project import TOKEN, Project
from tests.e2e.lab.snapshots import Snapshots

HOST = "staging"
FULL = """\
set -e
mkdir -m 700 /var/tmp/kept
cp -a /var/lib/homeport/. /var/tmp/kept
mount -t tmpfs -o size=8m,mode=755 tmpfs /var/lib/homeport
cp -a /var/tmp/kept/. /var/lib/homeport
rm -r /var/tmp/kept
head -c 9m /dev/zero >/var/lib/homeport/filler 2>/dev/null || :
! echo more >>/var/lib/homeport/filler 2>/dev/null
"""
EMPTIED = """\
set -e
rm -f /var/lib/homeport/filler
mkdir -m 700 /var/tmp/kept
cp -a /var/lib/homeport/. /var/tmp/kept
umount /var/lib/homeport
find /var/lib/homeport -mindepth 1 -delete
cp -a /var/tmp/kept/. /var/lib/homeport
rm -r /var/tmp/kept
"""


def applied(project: Project, version: str) -> None:
    """Change the sample application as the guide says."""
    patch = ["git", "apply", f"examples/versions/{version}.patch"]
    # Not the repository that this happens to be in.
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(project.folder.parent)}
    subprocess.run(patch, cwd=project.folder, env=outside, check=True)


@pytest.fixture(scope="module")
def deployed_there(
    snapshots: Snapshots, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str, str]:
    """Deploy two good releases and one that fails, to a host that has the first; return all."""
    snapshots.deployed(HOST)
    project = Project(tmp_path_factory.mktemp("first"))
    project.edit("app.yml", "start_period: 40", "start_period: 10")
    project.converge("--limit", HOST)
    old = current(HOST)
    applied(project, "1.1.0")
    project.converge("--limit", HOST)
    new = current(HOST)
    applied(project, "broken")
    failed = project.deploy("--limit", HOST)
    assert failed.code != 0
    (broken,) = re.findall(r"switches to (?:\S*/)?([0-9a-f]+-[0-9a-f]+)", failed.output)
    assert len({old, new, broken}) == 3
    assert current(HOST) == new
    return old, new, broken


@pytest.fixture
def releases(deployed_there: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return the same, on a host that runs the newest good one."""
    new = deployed_there[1]
    if current(HOST) != new:
        lab.run(HOST, f"homeportctl rollback pinboard {new}", root=True).check_returncode()
    return deployed_there


@pytest.fixture
def elsewhere(project: Project) -> Project:
    """Return another laptop: it has the inventory, and of the application only its name."""
    for folder in ("examples", "secrets", "templates"):
        shutil.rmtree(project.folder / folder)
    (project.folder / "app.yml").write_text("name: pinboard\n")
    return project


def run(project: Project, file: str, *data: str) -> subprocess.CompletedProcess[str]:
    """Run a deploy file on the host, with what ``--data`` is to say."""
    options = [f"--data={pair}" for pair in data]
    return project.pyinfra(
        "-y", "inventories/lab.py", f"deploys/{file}.py", "--limit", HOST, *options
    )


def back(project: Project, *data: str) -> str:
    """Roll back, insist that it succeeds, and return which release serves then."""
    done = run(project, "rollback", *data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"now: {current(HOST)}" in done.stderr
    assert serves()
    return current(HOST)


def serves() -> bool:
    """Return whether all of the application is up."""
    units = lab.run(HOST, "systemctl is-active pinboard-worker.service").stdout.strip()
    ready = "/srv/pinboard/bin/check-health ready web"
    return units == "active" and lab.run(HOST, ready, root=True).returncode == 0


def test_it_goes_back_to_the_release_before_and_to_one_that_is_named(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    old, new, _ = releases
    assert back(elsewhere) == old
    assert back(elsewhere, f"release={new}") == new


def test_what_is_bad_is_refused_with_its_reason_and_forced_it_is_gated_all_the_same(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    *_, broken = releases
    before = current(HOST)
    refused = run(elsewhere, "rollback", f"release={broken}")
    assert refused.returncode == 1
    assert "rollback refused: " in refused.stderr
    assert current(HOST) == before
    forced = run(elsewhere, "rollback", f"release={broken}", "force=yes")
    assert forced.returncode == 1
    assert current(HOST) == before
    assert serves()


def test_what_is_nowhere_is_refused(releases: tuple[str, str, str], elsewhere: Project) -> None:
    before = current(HOST)
    refused = run(elsewhere, "rollback", "release=no-such-release")
    assert refused.returncode == 1
    assert "rollback refused: " in refused.stderr
    assert "no-such-release" in refused.stderr
    assert current(HOST) == before


def test_it_goes_back_by_hand_on_the_host_by_the_command_of_the_guide(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    command = "homeportctl rollback pinboard"
    guide = Path(__file__).parents[3] / "docs/deployment-guide.md"
    assert f"\n{command}\n" in guide.read_text()
    old, *_ = releases
    done = lab.run(HOST, command, root=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert current(HOST) == old
    assert serves()


def test_it_goes_back_when_the_disk_is_full(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    old, *_ = releases
    lab.run(HOST, FULL, root=True).check_returncode()
    try:
        assert back(elsewhere) == old
    finally:
        lab.run(HOST, EMPTIED, root=True).check_returncode()


def test_a_dry_run_goes_nowhere(releases: tuple[str, str, str], elsewhere: Project) -> None:
    before = current(HOST)
    files = ("inventories/lab.py", "deploys/rollback.py", "--limit", HOST, "--dry")
    for more in ([], ["-y"]):
        done = elsewhere.pyinfra(*files, *more)
        assert done.returncode == 0, done.stderr
        assert f"rollback  ~ {before}  (to what was confirmed before)" in done.stderr
        last = done.stderr.rstrip().splitlines()[-1]
        assert last == "--> Dry run: 1 change on 1 host; nothing was changed."
    assert current(HOST) == before


def test_a_locked_host_refuses_deploys_and_no_way_back(
    releases: tuple[str, str, str], project: Project
) -> None:
    old, new, _ = releases
    locked = run(project, "lock", "reason=no deploys on Friday", "for=2d")
    assert locked.returncode == 0, locked.stderr
    try:
        refused = project.deploy("--limit", HOST)
        assert refused.code == 1
        assert "no deploys on Friday" in refused.output
        assert current(HOST) == new
        assert back(project) == old
    finally:
        assert run(project, "unlock").returncode == 0
    assert "no deploys on Friday" not in project.dry("--limit", HOST).output


def test_the_history_has_a_line_for_each_and_the_newest_is_last(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    old, *_ = releases
    assert back(elsewhere) == old
    done = elsewhere.pyinfra(
        "inventories/lab.py", "deploys/history.py", "--limit", HOST, "--data=lines=50"
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if f"[{HOST}]" in line]
    heads = "when who what commit release generation outcome seconds reason"
    assert heads in " ".join(lines[1].split())
    rows = [line for line in lines if "reverted" in line or "confirmed" in line]
    assert [line for line in rows if "deploy" in line and "reverted" in line]
    assert f"{who()}  rollback" in rows[-1]
    assert "confirmed" in rows[-1]
    assert any(f"now: {old}" in line for line in lines)


def test_it_goes_back_with_todays_secret_and_a_rotation_leaves_none_of_the_old_ones(
    releases: tuple[str, str, str], project: Project
) -> None:
    old, *_ = releases
    changed, rotated = "a-token-that-came-later-on", "a-token-that-came-last-of-all"
    applied(project, "1.1.0")
    (project.folder / "secrets/pinboard-token").write_text(changed)
    project.edit("app.yml", "start_period: 40", "start_period: 10")
    project.converge("--limit", HOST)
    planned = project.pyinfra(
        "inventories/lab.py", "deploys/rollback.py", "--limit", HOST, "--dry",
        f"--data=release={old}",
    )  # fmt: skip
    assert "secret PINBOARD_TOKEN differs: today's is taken" in planned.stderr
    assert back(project, f"release={old}") == old
    assert (posts(changed), posts(TOKEN)) == ("201", "401")
    assert holding(TOKEN) != ""

    command = "homeportctl secrets rotate pinboard PINBOARD_TOKEN"
    done = lab.run(HOST, command, root=True, stdin=rotated)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (posts(rotated), posts(changed)) == ("201", "401")
    assert holding(rotated) != ""
    assert holding(TOKEN, changed) == ""
    assert back(project, f"release={releases[1]}") == releases[1]
    assert posts(rotated) == "201"


def posts(token: str) -> str:
    """Return the status with which the application answers one who posts with a token."""
    body = '{"body": "hello"}'
    post = f"curl -s -o /dev/null -w '%{{http_code}}' -H @- -d '{body}' localhost:8000/notes"
    return lab.run(HOST, post, stdin=f"Authorization: Bearer {token}\n").stdout


def holding(*values: str) -> str:
    """Return the files of the whole host, but for those of /usr, and the processes with a value."""
    script = (
        "cat >/dev/shm/value; trap 'rm /dev/shm/value' EXIT;"
        " { find / -xdev -path /usr -prune -o -type f -size -20000k -print0;"
        " find /run /tmp -type f -print0;"
        " find /proc -maxdepth 2 -name environ -print0; }"
        " | xargs -0 grep -slF -f /dev/shm/value -- || :"
    )
    return lab.run(HOST, script, root=True, stdin="\n".join(values)).stdout


def test_a_rollback_whose_plan_another_deploy_has_outdated_changes_nothing(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    old, new, _ = releases
    before = current(HOST)
    words = f"rollback pinboard {old if before == new else new} --force"
    plan = lab.run(HOST, f"homeportctl {words} --dry --json", root=True)
    basis = json.dumps(json.loads(plan.stdout)["basis"])
    # The history of another application, as its deploy would write it.
    beside = "/var/lib/homeport/blog"
    line = '{"id": "b1", "what": "deploy", "who": "bob@desk", "when": "noon", "version": 1}'
    lab.run(HOST, f"mkdir {beside}; echo '{line}' >{beside}/history", root=True).check_returncode()
    try:
        refused = lab.run(HOST, f"homeportctl {words} --basis {quote(basis)}", root=True)
    finally:
        lab.run(HOST, f"rm -r {beside}", root=True).check_returncode()
    assert refused.returncode == REFUSED
    assert "the deploy of blog by bob@desk was" in refused.stderr
    assert "after this plan was made. Fix: run it again" in refused.stderr
    assert current(HOST) == before


def test_what_is_damaged_is_refused_by_its_name_and_the_host_serves_on(
    releases: tuple[str, str, str], elsewhere: Project
) -> None:
    old, new, _ = releases
    generation = f"grep -lF {old} /var/lib/homeport/pinboard/generations/*/meta | head -n 1"
    meta = lab.run(HOST, generation, root=True).stdout.strip()
    gid = meta.split("/")[-2]
    # Any of its images: a rotation numbers those that it writes anew.
    images = lab.run(
        HOST, f"cd {meta.removesuffix('/meta')} && ls [0-9]*", root=True
    ).stdout.split()
    for name in ("index", images[0], images[-1], "meta"):
        path = meta.replace("/meta", f"/{name}")
        damage = f"cp -a {path} /root/whole && printf '~' | dd of={path} conv=notrunc bs=1 seek=30"
        lab.run(HOST, damage, root=True).check_returncode()
        refused = run(elsewhere, "rollback", f"release={gid}", "force=yes")
        assert refused.returncode == 1
        assert f"rollback refused: generation {gid}" in refused.stderr
        lab.run(HOST, f"cp -a /root/whole {path}", root=True).check_returncode()
        assert current(HOST) == new
        assert serves()
    assert back(elsewhere, f"release={gid}") == old


def test_a_host_whose_root_is_read_only_serves_when_it_boots(
    releases: tuple[str, str, str],
) -> None:
    slots = "systemctl stop 'pinboard-web@*.service'; rm -r /run/homeport-sockets/pinboard"
    lab.run(HOST, slots, root=True).check_returncode()
    assert not serves()
    worn = "systemd-run --quiet --wait --pipe -p ProtectSystem=strict -p ReadWritePaths=/run"
    done = lab.run(HOST, f"{worn} /usr/local/sbin/homeportctl boot", root=True)
    assert done.returncode == 0, done.stdout + done.stderr
    deadline = time.monotonic() + 60
    while not serves() and time.monotonic() < deadline:
        time.sleep(1)
    assert serves()
