"""What runs in a slot is what the slot was made ready with, and what is not accepted never runs."""

from __future__ import annotations

import time

import pytest

import lab
from tests.e2e.lab.project import PINBOARD, TOKEN, Project

HOST = "staging"
LINK = "/run/homeport-sockets/pinboard/web.sock"
PROXIED = "/run/homeport-proxy/pinboard/web"
ENVIRONMENT = "/etc/homeport/pinboard/environment"


def ran(script: str) -> str:
    """Return what a script prints that must succeed as root."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def unit() -> str:
    """Return the unit of the slot that serves."""
    return f"pinboard-web@{ran(f'readlink {LINK}').split('/')[2][-1]}.service"


def settled() -> None:
    """Wait until the host has cleared up after a deploy."""
    for _ in range(100):
        if not ran("systemctl list-units --no-legend 'homeportctl-cleanup-*'"):
            return
        time.sleep(0.2)


def page() -> str:
    """Return the page as a browser gets it, once it is there again."""
    for _ in range(50):
        if done := lab.run(HOST, f"curl -sf {PINBOARD}/").stdout:
            return done
        time.sleep(0.2)
    return ""


def test_a_slot_that_dies_comes_back_as_it_was_whatever_has_been_written_since(
    project: Project, deployed: str
) -> None:
    assert "Pinboard (staging)" in page()
    serves, link = unit(), ran(f"readlink {LINK}")
    ran(f"sed -i s/staging/edited/ {ENVIRONMENT}")
    ran(f"systemctl kill -s KILL --kill-whom=main {serves}")
    before = ran(f"systemctl show --value -p InvocationID {serves}")
    for _ in range(50):
        if ran(f"systemctl show --value -p InvocationID {serves}") != before:
            break
        time.sleep(0.2)
    assert "Pinboard (staging)" in page()
    assert (unit(), ran(f"readlink {LINK}")) == (serves, link)

    # What differs is the file alone: nothing that runs has read it.
    done = project.converge("--limit", deployed)
    assert [target for _, _, target in done.plan(deployed)] == [ENVIRONMENT]


def test_a_slots_unit_that_somebody_edited_is_put_back_and_nothing_stops(
    project: Project, deployed: str
) -> None:
    serves = unit()
    path = f"/etc/systemd/system/{serves}"
    started = ran(f"systemctl show --value -p InvocationID {serves}")
    ran(f"sed -i s/TasksMax=.*/TasksMax=7/ {path}; systemctl daemon-reload")
    proof = project.prove("--limit", deployed)
    assert proof.returncode == 1, proof.stdout
    assert f"{path} is not what is described" in proof.stdout

    done = project.converge("--limit", deployed)
    assert [target for _, _, target in done.plan(deployed)] == [path]
    assert ran(f"systemctl show --value -p TasksMax {serves}") == "512"
    assert (unit(), ran(f"systemctl show --value -p InvocationID {serves}")) == (serves, started)


@pytest.mark.parametrize(
    ("fault", "message"),
    {
        "a link that leads nowhere": (f"ln -sfn nowhere {PROXIED}/active", "no slot serves"),
        "a link that leads elsewhere": (
            f"ln -sfn /run/nowhere.sock {LINK}",
            "the link to its socket is to /run/nowhere.sock",
        ),
        "a folder that nginx can't enter": (
            f"chgrp root {PROXIED}/$(readlink {PROXIED}/active)",
            "the web server can't reach its socket",
        ),
        "a folder that anybody can enter": (
            f"chmod 711 {PROXIED}/$(readlink {PROXIED}/active)",
            "every user can reach its socket",
        ),
    }.values(),
)
def test_a_way_to_the_slot_that_is_not_as_it_should_be_is_not_proven(
    project: Project, deployed: str, fault: str, message: str
) -> None:
    # What clears up after a deploy puts such a link right as well.
    settled()
    leads, active = ran(f"readlink {LINK}"), ran(f"readlink {PROXIED}/active")
    folder = f"{PROXIED}/{active}"
    try:
        ran(fault)
        proof = project.prove("--limit", deployed)
    finally:
        ran(f"ln -sfn {leads} {LINK}; ln -sfn {active} {PROXIED}/active")
        ran(f"chgrp www-data {folder}; chmod 710 {folder}")
    assert proof.returncode == 1, proof.stdout
    assert message in proof.stdout


def test_a_release_that_its_application_does_not_accept_never_runs(
    project: Project, deployed: str
) -> None:
    before = ran("readlink /srv/pinboard/current"), unit()
    judge = project.folder / "examples/pinboard/pinboard/judge.py"
    judge.write_text(
        "import os, sys\n"
        "if __name__ == '__main__':\n"
        "    print('user', os.getuid() == os.stat(os.environ['STATE_DIRECTORY']).st_uid)\n"
        "    print('title', os.environ['PINBOARD_TITLE'], 'token', os.environ['PINBOARD_TOKEN'])\n"
        "    sys.exit('the moon is not full')\n"
    )
    project.edit(
        "app.yml", "git_hooks:\n", "release_check: python -m pinboard.judge\n\ngit_hooks:\n"
    )
    done = project.deploy("--limit", deployed)
    assert done.code != 0
    assert "is not accepted by its check" in done.output
    for message in (
        "user True",
        "title Pinboard (staging) token (PINBOARD_TOKEN)",
        "the moon is not",
    ):
        assert message in done.output
    assert TOKEN not in done.output
    assert "Starting operation: Services" not in done.output
    assert (ran("readlink /srv/pinboard/current"), unit()) == before

    judge.write_text("print('fine')\n")
    project.converge("--limit", deployed)
    assert project.converge("--limit", deployed).changed == {}
    assert project.prove("--limit", deployed).returncode == 0


def test_a_process_that_must_be_alone_is_served_as_one_in_slots_is(
    project: Project, deployed: str
) -> None:
    project.edit("app.yml", "    listen: socket\n", "    listen: socket\n    strategy: recreate\n")
    project.converge("--limit", deployed)
    settled()
    assert "Pinboard (staging)" in page()
    assert ran(f"readlink {LINK}") == "/run/pinboard-web/web.sock"
    assert ran("systemctl list-units --no-legend --state=active 'pinboard-web@*'") == ""
    proof = project.prove("--limit", deployed)
    assert proof.returncode == 0, proof.stdout

    project.edit("app.yml", "    strategy: recreate\n", "")
    project.converge("--limit", deployed)
    settled()
    assert unit() in ("pinboard-web@a.service", "pinboard-web@b.service")
    assert "Pinboard (staging)" in page()
    proof = project.prove("--limit", deployed)
    assert proof.returncode == 0, proof.stdout
