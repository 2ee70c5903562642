"""Code of wheels and of the application runs as the service user, in its units, and never else."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import lab
from lab.binfmt import native
from tests.e2e.lab.bare import eventually
from tests.e2e.lab.project import Project
from tests.support.venv_host import make_wheel

STATE = "/var/lib/canary/seen"
OUTSIDE = "/var/tmp/canary/seen"
"""Files that canaries write to; a unit with a /tmp of its own doesn't reach the second."""
CANARY = f"""\
import json as _json, os as _os
def _canary(name):
    lines = open('/proc/self/status').read().splitlines()
    fields = dict(line.split(':', 1) for line in lines)
    seen = {{key: fields[key].strip() for key in ('NoNewPrivs', 'Seccomp', 'CapEff')}}
    seen |= {{'name': name, 'uid': _os.geteuid(), 'cgroup': open('/proc/self/cgroup').read()}}
    for path in ('{STATE}', '{OUTSIDE}'):
        try:
            with open(path, 'a') as file:
                file.write(_json.dumps(seen) + '\\n')
        except OSError:
            pass
"""
LASTING = """\
if not _os.fork():
    _canary(%r)
    import time
    time.sleep(600)
    _os._exit(0)
"""
PTH = f"import os; exec({CANARY!r} + '_canary(\"%s\")', {{}})\n"
WHEEL = {
    "canarylib.py": f"{CANARY}_canary('wheel')\n{LASTING % 'wheel child'}def main(): pass\n",
    "a_canary.pth": f"{PTH % 'wheel pth'}"
    "import sys; sys.path.insert(0, next(p for p in sys.path if p.endswith('site-packages')))\n",
    "sitecustomize.py": f"{CANARY}_canary('wheel sitecustomize')\n"
    "import os as _os, sys as _sys\n"
    "for _path in _sys.path:\n"
    "    _other = _path + '/sitecustomize.py'\n"
    "    if _other != __file__ and _os.path.exists(_other):\n"
    "        exec(open(_other).read())\n",
    "sndhdr.py": f"{CANARY}_canary('wheel shadow')\n",
    "canarylib-1.0.data/purelib/canary_pure.py": f"{CANARY}_canary('wheel purelib')\n",
    "canarylib-1.0.data/data/lib/python3.11/site-packages/data.pth": PTH % "wheel data pth",
}
APP = {
    "struct.py": f"{CANARY}_canary('app shadow')\n"
    "from _struct import *\nfrom _struct import _clearcache\n",
    # Python imports one sitecustomize alone: that of the wheel, whose directory comes first.
    "sitecustomize.py": f"{CANARY}_canary('app sitecustomize')\n",
    "canarymain.py": f"{CANARY}_canary('app')\nimport canarylib\n{LASTING % 'app child'}"
    "import sys, time\nif __name__ == '__main__':\n    _canary(' '.join(sys.argv[1:2]))\n"
    "    while sys.argv[1] == 'worker':\n        time.sleep(1)\n",
}
DESCRIBED = """\
name: canary
source: canary
python: "3.11"
requirements: canary/requirements.txt
release_check: python -m canarymain check
config_files:
  canary.conf: {template: canary/canary.j2, validate: 'python -m canarymain validate {file}'}
processes:
  worker: {command: python -m canarymain worker}
release: {soak: 1, drain_timeout: 1}
"""
NAMES = {
    *("wheel", "wheel child", "wheel pth", "wheel sitecustomize", "wheel shadow"),
    *("wheel purelib", "wheel data pth", "app", "app child", "app shadow", "app sitecustomize"),
    *("check", "validate", "worker"),
}
UNIT = re.compile(r"/(?:homeport-check-canary-\d+|canary-worker(?:@[ab])?)\.service$", re.M)
"""The end of a control group: of a check, or of the process."""


@pytest.fixture
def canary(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An application and a wheel that tell of each time that a part of them is run."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(project.folder / "wheels"))
    locked(project, WHEEL)
    for name, text in APP.items():
        (project.folder / "canary" / name).write_text(text)
    (project.folder / "canary/canary.j2").write_text("x\n")
    (project.folder / "app.yml").write_text(DESCRIBED)
    (project.folder / "group_data/staging.py").write_text("_sudo = True\n")
    return project


def locked(project: Project, files: Mapping[str, str]) -> None:
    """Have the application need a wheel with these files."""
    wheel = make_wheel(project.folder / "wheels", "canarylib", files=files)
    (project.folder / "canary").mkdir(exist_ok=True)
    line = f"canarylib==1.0 --hash=sha256:{wheel.sha256}\n"
    (project.folder / "canary/requirements.txt").write_text(line)


def prepared(host: str) -> None:
    """Have a place where what runs in no unit of the application tells of itself."""
    folder = Path(OUTSIDE).parent
    lab.run(host, f"mkdir -p {folder} && chmod 1777 {folder}", root=True).check_returncode()


def seen(host: str) -> list[dict[str, Any]]:
    """Return what the canaries of a host told."""
    lines = lab.run(host, f"cat {STATE} {OUTSIDE} 2>/dev/null || true", root=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def alone(host: str) -> list[str]:
    """Return the control groups of the service user's processes that are none of its service."""
    script = "for p in $(pgrep -u canary); do grep ^0:: /proc/$p/cgroup; done 2>/dev/null || true"
    groups = lab.run(host, script, root=True).stdout.splitlines()
    return [group for group in groups if "/canary-worker" not in group]


def test_what_a_wheel_or_the_application_runs_is_confined_in_every_phase(
    canary: Project, fresh: str
) -> None:
    prepared(fresh)
    here = ("--limit", fresh)
    canary.converge(*here)
    canary.dry(*here)
    (canary.folder / "canary/more.py").write_text("")
    canary.dry(*here)
    canary.converge(*here)
    assert canary.converge(*here).changed == {}
    uid = int(lab.run(fresh, "id -u canary").stdout)
    canaries = seen(fresh)
    strange = {
        (each["name"], each["uid"], each["cgroup"])
        for each in canaries
        if each["uid"] != uid or not UNIT.search(each["cgroup"])
    }
    assert not strange, "\n".join(map(str, sorted(strange)))
    assert {each["name"] for each in canaries} == NAMES
    assert {(each["NoNewPrivs"], int(each["CapEff"], 16)) for each in canaries} == {("1", 0)}
    if native() == "amd64":
        assert {each["Seccomp"] for each in canaries} == {"2"}
    assert alone(fresh) == []

    # An import that doesn't end ends all the same, and the host runs what it ran.
    before = lab.run(fresh, "readlink /srv/canary/current").stdout
    (canary.folder / "canary/hang.py").write_text("import time\nwhile True:\n    time.sleep(1)\n")
    done = canary.deploy(*here)
    assert done.code != 0
    assert "importing hang does not end; guard what it does" in done.output
    assert "skip_imports" in done.output
    assert lab.run(fresh, "readlink /srv/canary/current").stdout == before
    assert alone(fresh) == []


HANGING = """\
import os, time
if not os.fork():
    os.setsid()
while True:
    time.sleep(1)
"""
HANGS = "test $(pgrep -c -u canary) -ge 2 && pgrep -f run-confined"
ENDED = """\
! pgrep -u canary && ! pgrep -f 'run-confine[d]' && ! test -e /var/lib/homeport/canary/journal &&
  test -z "$(systemctl list-units --all --no-legend 'homeport-check-*')"
"""
"""Shell: whether nothing is left of an import, and no deploy is open."""
ENDS = {
    "Ctrl-C": lambda process: os.killpg(process.pid, signal.SIGINT),
    "a connection that dies": lambda process: lab.run(
        "staging", "pkill -KILL -f '^sshd: [a-z]'", root=True
    ),
}


def test_nothing_of_an_import_is_left_once_nobody_waits_for_it(
    canary: Project, fresh: str, tmp_path: Path
) -> None:
    (canary.folder / "canary/hang.py").write_text(HANGING)
    command = canary.command("-y", "inventories/lab.py", "deploy.py", "--limit", fresh)
    for name, end in ENDS.items():
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(
                command,
                cwd=canary.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            assert eventually(fresh, HANGS, 60), (tmp_path / "log").read_text()
            end(process)
            assert process.wait(60) != 0
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        # Long before the minute that an import has.
        assert eventually(fresh, ENDED, 20), f"{name}: {(tmp_path / 'log').read_text()}"
    assert lab.run(fresh, "ls -A /srv/canary/releases", root=True).stdout == ""


@pytest.mark.parametrize("path", ["pyvenv.cfg", "bin/python", "bin/python3.11", "../../escaped"])
def test_a_wheel_that_would_replace_a_part_of_the_venv_is_refused_before_anything_changes(
    path: str, canary: Project, hosts: None
) -> None:
    locked(canary, {**WHEEL, f"canarylib-1.0.data/data/{path}": "home = /tmp\n"})
    lab.run("staging", "rm -rf /srv/canary", root=True).check_returncode()
    done = canary.deploy("--limit", "staging")
    assert done.code != 0
    assert f"canarylib-1.0.data/data/{path}" in done.output
    assert "Traceback" not in done.output
    assert lab.run("staging", "ls /srv/canary", root=True).returncode != 0
