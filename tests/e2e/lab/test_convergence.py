"""A deploy does what it said, once, and a second one does nothing."""

from __future__ import annotations

import pytest

import lab
from tests.e2e.lab.project import PINBOARD, Project

EVERY = ("laptop", "staging", "pi")


def command_count(output: str, host: str) -> int:
    """Return how many remote commands pyinfra's debug log speaks of for a host."""
    return output.count(f"Running command on {host}:")


def written_since(host: str, marker: str) -> list[str]:
    """Return the files and links that changed on a host since a marker was touched."""
    places = "/etc /srv /usr/local /var/lib/homeport /var/lib/systemd/timers"
    script = f"find {places} \\( -type f -o -type l \\) -newer {marker} 2>/dev/null"
    return sorted(lab.run(host, script, root=True).stdout.split())


def test_a_second_deploy_changes_nothing_with_one_remote_command_for_each_host(
    project: Project,
) -> None:
    project.converge()
    again = project.converge("--debug")
    assert again.changed == {}
    assert {host: command_count(again.output, host) for host in EVERY} == dict.fromkeys(EVERY, 1)


def test_a_dry_run_is_one_remote_command_and_leaves_the_host_as_it_was(
    project: Project, fresh: str
) -> None:
    lab.run(fresh, "touch /run/marker", root=True)
    dry = project.dry("--limit", fresh, "--debug")
    assert dry.code == 0, dry.output
    assert command_count(dry.output, fresh) == 1
    assert written_since(fresh, "/run/marker") == []


def test_a_dry_run_before_the_first_deploy_names_every_file_that_the_deploy_writes(
    project: Project, fresh: str
) -> None:
    dry = project.dry("--limit", fresh)
    plan = dry.plan(fresh)
    output = f"--> Dry run: {len(plan)} changes on 1 host; nothing was changed."
    assert dry.last_line == output
    assert project.dry("--limit", fresh, "-y").plan(fresh) == plan != []
    targets = {target for _, _, target in plan}
    lab.run(fresh, "touch /run/marker", root=True)
    done = project.converge("--limit", fresh)
    assert done.plan(fresh) == plan

    enabled = "/etc/systemd/system/"  # systemctl enable makes links of its own below it
    ours = [
        path
        for path in written_since(fresh, "/run/marker")
        if path.startswith(("/srv/", "/etc/homeport/", "/var/lib/homeport/", enabled))
        and ".wants/" not in path
    ]
    whole = [
        t for t in targets if t.startswith(("/srv/pinboard/venvs/", "/srv/pinboard/releases/"))
    ]
    # What the host writes down itself of a deploy, the copies that its slots run from, and what
    # comes with the program that guards deploys.
    own = ("/var/lib/homeport/", "/srv/pinboard/slots/", f"{enabled}pinboard-web@")
    own += (f"{enabled}homeportctl-boot.service",)
    known = (*whole, *own)
    unnamed = [p for p in ours if p not in targets and not p.startswith(known)]
    assert unnamed == []
    assert "/etc/systemd/system/pinboard-worker.service" in ours


def test_a_dry_run_shows_the_content_of_a_file_in_a_folder_that_is_not_there_yet(
    project: Project, fresh: str
) -> None:
    assert '+PINBOARD_TITLE="Pinboard (staging)"' in project.dry("--limit", fresh).output


@pytest.mark.parametrize("host", EVERY)
def test_every_host_serves_the_application_of_its_own_architecture(
    project: Project, host: str
) -> None:
    project.converge("--limit", host)
    described = {"laptop": "x86_64", "staging": "x86_64", "pi": "aarch64"}[host]
    assert described in lab.run(host, f"curl -s {PINBOARD}/").stdout
    if host != "laptop":
        # nginx, which serves it, is in its sandbox, on the emulated Pi too.
        rated = "systemd-analyze security --no-pager nginx | tail -n 1"
        shown = f"grep NoNewPrivs /proc/$(cat /run/nginx.pid)/status; {rated}"
        privileges, overall = lab.run(host, shown, root=True).stdout.splitlines()
        assert privileges.split() == ["NoNewPrivs:", "1"]
        assert float(overall.partition("nginx.service: ")[2].split()[0]) <= 3.0, overall


def test_an_ordinary_operation_in_between_makes_the_later_phases_look_again(
    project: Project, deployed: str
) -> None:
    project.edit(
        "deploy.py",
        'units.converge(name="Units")',
        'server.shell(name="Theirs", commands=["systemctl stop pinboard-worker"])\n'
        'units.converge(name="Units")',
    )
    project.edit(
        "deploy.py",
        "from pyinfra import host, local\n",
        "from pyinfra import host, local\nfrom pyinfra.operations import server\n",
    )
    done = project.converge("--limit", deployed, "--debug")
    assert set(done.changed) == {"Theirs", "Services"}
    assert ("services", "~", "pinboard-worker.service") in done.plan(deployed)
    # One look, their command, one look more; then the beginning, which starts the worker, and is
    # confirmed.
    assert command_count(done.output, deployed) == 6
