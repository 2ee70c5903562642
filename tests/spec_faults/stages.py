"""Where damage is done: hosts of the lab that are alike, with all that an application may have."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

import lab
from lab.binfmt import native
from lab.paths import place
from tests.e2e.lab.bare import bare_lab, bootstrap, eventually
from tests.e2e.lab.project import Project, lab_command
from tests.e2e.lab.snapshots import BOOTED, CLEARED_UP, SERVES
from tests.e2e.lab.test_proxy import AUTHORITY
from tests.e2e.laptop.laptop import Laptop
from tests.spec_faults.campaign import Stage, shell
from tests.spec_faults.survey import ASIDE

LABEL = "undamaged"
ANSWERS = (
    "curl -fsk -o /dev/null --connect-to ::127.0.0.1: https://shop.example/health/ready"
    f" && systemctl -q is-active pinboard-worker pinboard-board && {CLEARED_UP}"
)
BARE = ("fresh", "ready")
FSTAB = "printf 'overlay\\t/\\toverlay\\trw,relatime\\t0 1\\n' >>/etc/fstab"
CARD = """\
printf '#!/bin/sh\\necho none\\n' >/usr/local/bin/systemd-detect-virt
chmod 755 /usr/local/bin/systemd-detect-virt
printf 'Filename\\n/dev/zram0 partition 1 0 100\\n' >/run/swaps
mount --bind /run/swaps /proc/swaps
"""
"""A container has no swap of its own: a file stands for the kernel's list."""
CLONES = ("one", "two", "three")
PROCESS = """processes:
  board:
    command: gunicorn --no-control-socket --bind 0.0.0.0:{port} pinboard.web:app
    listen: 8081
    health: {ready: /health/ready}
"""
MORE = """
config_files:
  greeting: {template: greeting.j2, validate: 'python -V {file}'}
  key: {template: key.j2}
run_once:
  first: python -m pinboard.tidy
release_check: python -V
"""
PROXY = """
  server_names: [shop.example]
  tls: {acme: {email: me@shop.example, directory_url: 'https://localhost:14000/dir'}}
"""
ABSENT = "/etc/board.conf"
CUSTOM = f"""
from homeport.files.entries import Absent, Link

def custom_resources(data):
    return (Link("/usr/local/bin/board", "/srv/pinboard/current"), Absent("{ABSENT}"))
"""
REBOOT = ("REBOOT = 180", "REBOOT = 30")
"""How long the specs wait for a host to come back, which a damaged one doesn't."""


@contextmanager
def server(folder: Path) -> Iterator[Stage]:
    """Bring up servers that have everything that an application may have; end them."""
    host = "staging"
    lab_command("up", f"{host}={native()},asks")
    try:
        project = Project(folder)
        whole(project)
        shell(host, f"apt-get -qq -y install curl >/dev/null 2>&1\n{AUTHORITY}")
        project.converge("--limit", host)
        assert eventually(host, ANSWERS)
        lab.snapshot(host, LABEL)
        lab.clone(LABEL, CLONES)
        for each in CLONES:
            assert eventually(each, f"{BOOTED} && {ANSWERS}")
        document = {**described(project), "absent": [ABSENT]}
        yield Stage("server", project, document, (host, *CLONES), renew)
    finally:
        lab_command("down")


@contextmanager
def bare(folder: Path) -> Iterator[Stage]:
    """Bring up hosts that came bare, were bootstrapped and deployed to; end them."""
    with bare_lab(*BARE):
        project = Project(folder)
        project.edit("homeport/description/bootstrap.py", ', "unattended-upgrades"', "")
        key = place().key.with_suffix(".pub").read_text().strip()
        data = {"timezone": "Europe/Berlin", "sd_card": True, "readers": {"ann": [key]}}
        inventory = project.folder / "inventories/lab.py"
        inventory.write_text(f"{inventory.read_text()}for _, data in pi:\n    data |= {data!r}\n")
        for host in BARE:
            shell(host, FSTAB)
        limits = [word for host in BARE[1:] for word in ("--limit", host)]
        done = bootstrap(project, BARE[0], *limits)
        assert done.code == 0, done.output
        project.converge("--limit", BARE[0], *limits)
        for host in BARE:
            assert eventually(host, f"{CLEARED_UP} && {SERVES}")
            shell(host, CARD)
        yield Stage("bare", project, described(project), BARE, no_way_back)


def no_way_back(host: str) -> None:
    """Say that a host can't be made anew: what is done to it has to be undone."""
    raise AssertionError(f"{host} is not as it was")


@contextmanager
def laptop(folder: Path) -> Iterator[Stage]:
    """Deploy to this machine, for an ordinary user."""
    folder.chmod(0o755)
    project = FirstOnPath(folder)
    project.converge()
    hosts = ("@local",)
    yield Stage(
        "laptop",
        project,
        described(project),
        hosts,
        no_way_back,
        at_home(folder),
        f"{folder}/.git",
        "find .git/hooks -printf '%p %y %m %u:%g %l\\n' -type f -exec sha256sum {{}} +",
    )


class FirstOnPath(Laptop):
    """A laptop whose user has programs of their own in a folder that comes first."""

    def command(self, *words: str, **variables: str) -> list[str]:
        """Return a command as the user would type it."""
        path = f"{self.folder}/first:{self.bin}:/usr/bin:/bin"
        return super().command(*words, **{"PATH": path, **variables})


def at_home(folder: Path) -> Callable[[str, str], str]:
    """Return what runs a script in the folder of a laptop's project."""

    def run(host: str, script: str) -> str:
        script = script.replace(ASIDE, f"{folder}/aside")
        done = subprocess.run(
            ["sh", "-c", f"set -eu\n{script}"], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"
        return done.stdout

    return run


def whole(project: Project) -> None:
    """Have a project use all that there is."""
    app = project.folder / "app.yml"
    text = app.read_text().replace("processes:\n", PROCESS, 1)
    text = text.replace("proxy: {process: web, port: 8000}", f"proxy:\n  process: web{PROXY}")
    app.write_text(f"{text}{MORE}")
    (project.folder / "greeting.j2").write_text("hello\n")
    (project.folder / "key.j2").write_text("{{ secrets.PINBOARD_TOKEN }}\n")
    (project.folder / "kinds/__init__.py").write_text(CUSTOM)
    project.edit("tests/production/test_disruption.py", *REBOOT)


def described(project: Project) -> dict[str, object]:
    """Return the project's app.yml, as any program reads it."""
    found: dict[str, object] = yaml.safe_load((project.folder / "app.yml").read_text())
    return found


def renew(host: str) -> None:
    """Make a host what it was before any damage."""
    lab.restore(host, LABEL)
    assert eventually(host, f"{BOOTED} && {ANSWERS}")


def own_lab() -> None:
    """Have the lab be one that no other program uses."""
    os.environ["HOMEPORT_LAB"] = f"{os.environ.get('HOMEPORT_LAB', 'specs')}-faults"
