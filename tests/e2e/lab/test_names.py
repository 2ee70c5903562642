"""An application takes over nothing of the system, of a package, of a person; and nothing that a
service user writes makes root write or remove anything."""

from __future__ import annotations

import pytest

import lab
from tests.e2e.lab.project import Project
from tests.e2e.lab.test_refused_hosts import UNTOUCHED, assert_fails_with

BESIDE = "; give the application another name in app.yml"
UNIT = "printf '[Service]\\nExecStart=/bin/true\\n' >"
ACCOUNT = (
    "useradd --system --user-group --shell /usr/sbin/nologin --home-dir /var/lib/mosquitto"
    " mosquitto; install -d -o mosquitto -g mosquitto /var/lib/mosquitto"
)
SEEN = (
    "getent passwd; getent group; ls -lAd /var/lib/* /var/log/* /var/cache/* /srv/* /etc/homeport*;"
    " find /etc/systemd /usr/lib/systemd/system -printf '%p %m %u %l\\n'; dpkg-query -W"
)
TAKEN = {
    # A directory that the journal of the host lies in.
    "journal": ("install -d -g systemd-journal -m 2755 /var/log/journal", "/var/log/journal "),
    "dpkg": ("", "/var/lib/dpkg belongs to the Debian package dpkg"),
    "private": ("install -d -m 700 /var/lib/private", "/var/lib/private is there, and belongs"),
    "mosquitto": (ACCOUNT, "account mosquitto exists, and homeport did not make it"),
    "www-data": ("", "account www-data exists, and homeport did not make it"),
    "adm": ("", "group adm exists, and homeport did not make it"),
}
"""Names that something has, what is done to a host before, and what is then said of it."""


def seen(host: str) -> str:
    return lab.run(host, f"{{ {SEEN}; }} 2>/dev/null", root=True).stdout


def test_names_that_a_host_has_are_refused_in_the_plan_and_the_host_is_left_as_it_was(
    project: Project, fresh: str
) -> None:
    called = "pinboard"
    for name, (script, message) in TAKEN.items():
        lab.run(fresh, script or ":", root=True).check_returncode()
        before = seen(fresh)
        project.edit("app.yml", f"name: {called}", f"name: {name}")
        project.edit("group_data/staging.py", f'"name": "{called}"', f'"name": "{name}"')
        called = name
        for done in (project.dry("--limit", fresh), project.deploy("--limit", fresh)):
            assert_fails_with(done, message)
            assert BESIDE in done.output
        assert seen(fresh) == before
        assert lab.run(fresh, UNTOUCHED).returncode == 0


@pytest.mark.parametrize(
    "unit",
    [
        "/etc/systemd/system/pinboard-worker.service",
        "/usr/lib/systemd/system/pinboard-web@.service",
    ],
)
def test_names__a_unit_of_others_is_refused_in_the_plan_and_left_as_it_was(
    unit: str, project: Project, fresh: str
) -> None:
    lab.run(fresh, f"{UNIT}{unit}", root=True).check_returncode()
    before = seen(fresh)
    for done in (project.dry("--limit", fresh), project.deploy("--limit", fresh)):
        assert_fails_with(done, f"{unit} is there, and homeport did not write it; rename")
    assert seen(fresh) == before
    # Out of the way, it is deployed to, and what it made is its own from then on.
    lab.run(fresh, f"rm {unit}", root=True).check_returncode()
    project.converge("--limit", fresh)
    assert project.converge("--limit", fresh).changed == {}


KINDS = """
from homeport.files.entries import Directory, File


def custom_resources(data):
    return ({},)
"""
FORGED = (
    "'/etc/passwd\\nkept\\tversion 1\\nkept\\t/etc/victim"
    "\\nat\\t/etc/victim\\tf\\t644\\troot\\troot\\t'"
)


def test_names__root_puts_nothing_where_a_service_user_may_rename_it(
    project: Project, deployed: str
) -> None:
    kinds = project.folder / "kinds/__init__.py"
    kinds.write_text(KINDS.format('File("/var/lib/pinboard/x.conf", b"x")'))
    message = "/var/lib/pinboard/x.conf is to lie in /var/lib/pinboard, which is described as"
    assert_fails_with(project.dry("--limit", deployed), message)
    assert_fails_with(project.deploy("--limit", deployed), message)

    described = 'Directory("/opt/shop"), File("/opt/shop/x.conf", b"x", owner="pinboard")'
    kinds.write_text(KINDS.format(described))
    project.converge("--limit", deployed)
    # The directory comes into other hands, which forge what the host answers, and lay a trap.
    theirs = (
        "touch /etc/victim; chown pinboard: /opt/shop; cd /opt/shop;"
        " setpriv --reuid=pinboard --regid=pinboard --clear-groups sh -c '"
        'rm x.conf; ln -s "$(printf "%b" "$1")" x.conf; ln -s /etc .homeport-stage'
        f"' sh {FORGED}"
    )
    lab.run(deployed, theirs, root=True).check_returncode()
    kinds.write_text(KINDS.format('File("/opt/shop/x.conf", b"y")'))
    listed = "find /etc -printf '%p %m %u %s %l\\n' | sort"
    before = lab.run(deployed, listed, root=True).stdout
    for done in (project.dry("--limit", deployed), project.deploy("--limit", deployed)):
        assert_fails_with(done, "/opt/shop/x.conf is to lie in /opt/shop, which isn't root's alone")
        assert "run `chown root:root /opt/shop && chmod go-w /opt/shop` there" in done.output
        assert "/etc/victim" not in done.output
    assert lab.run(deployed, listed, root=True).stdout == before

    lab.run(deployed, "chown root:root /opt/shop", root=True).check_returncode()
    project.converge("--limit", deployed)
    assert lab.run(deployed, "cat /opt/shop/x.conf; ls -A /opt/shop").stdout == "yx.conf\n"
    assert lab.run(deployed, "ls /etc/victim /etc/passwd").returncode == 0


HOLD = (
    "use Fcntl; open(F, q(>), q(/var/lib/apt/lists/lock)); "
    "$lock = pack(q(ssx4qqlx4), F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $lock) or die; sleep 20"
)
"""Perl that has the lock of apt's lists for a while, as apt-daily.service does."""


def test_names__an_apt_that_is_at_work_is_waited_for(project: Project, fresh: str) -> None:
    project.edit("app.yml", "\nenvironment:", "\napt_packages: [libssl3]\nenvironment:")
    hold = f"systemd-run --quiet --unit=holds perl -e '{HOLD}'; sleep 1; ! apt-get update"
    held = lab.run(fresh, hold, root=True)
    assert held.returncode == 0, held.stdout
    assert "Could not get lock /var/lib/apt/lists/lock" in held.stderr
    project.converge("--limit", fresh)
    assert project.converge("--limit", fresh).changed == {}
