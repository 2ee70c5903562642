"""What somebody did to a venv is reported, changed by no report, and fixed by a deploy."""

from __future__ import annotations

import base64
import re
import shlex
from pathlib import Path

import pytest

import lab
from tests.e2e.lab.bare import eventually
from tests.e2e.lab.project import Deploy, Project
from tests.e2e.lab.snapshots import CLEARED_UP
from tests.support.venv_host import make_wheel

SITE = "lib/python3.11/site-packages"
UV = "$(ls /var/cache/homeport/uv/*/uv)"
REPORT = "deploys/verify_deps.py"

# What somebody did, in the folder of the venv, and how the report then begins: for every look...
FAULTS = {
    "a package that was installed": ("install theirs-1.0", "extra: theirs 1.0"),
    "a package in another version": ("install blinker-0.9", "other version: blinker is 0.9"),
    "a package from another wheel": ("install itsdangerous-2.2.0", "other hash: itsdangerous "),
    "a package that is gone": (f"rm -r {SITE}/orjson*", "missing: orjson "),
    "a module of nobody's": (f"touch {SITE}/mine.py", f"foreign file: {SITE}/mine.py "),
    "a path of somebody's": (
        f"echo /opt >{SITE}/mine.pth",
        f"start-up file: {SITE}/mine.pth ",
    ),
    "a sitecustomize": (
        f"touch {SITE}/sitecustomize.py",
        f"start-up file: {SITE}/sitecustomize.py ",
    ),
    "the system's packages": (
        "sed -i 's/^include-system.*/include-system-site-packages = true/' pyvenv.cfg",
        "system packages: pyvenv.cfg ",
    ),
    "an interpreter that is gone": (
        "ln -sfn /usr/bin/python3.0 bin/python",
        "interpreter: bin/python does not run",
    ),
}
# ... and for a look at every file.
DEEP_FAULTS = {
    "an edited file": (f"echo '#' >>{SITE}/flask/app.py", f"edited file: {SITE}/flask/app.py "),
    "a lost file": (f"rm {SITE}/flask/views.py", f"lost file: {SITE}/flask/views.py "),
    "a file among a package's": (
        f"touch {SITE}/flask/mine.py",
        f"foreign file: {SITE}/flask/mine.py ",
    ),
    "byte code of other code": (
        f"cd {SITE}/flask/__pycache__; cp ctx.cpython-311.pyc cli.cpython-311.pyc; cd -",
        f"edited file: {SITE}/flask/__pycache__/cli.cpython-311.pyc ",
    ),
    "a script": ("echo true >>bin/gunicorn", "edited file: bin/gunicorn "),
}
OTHERS = (("theirs", "1.0"), ("blinker", "0.9"), ("itsdangerous", "2.2.0"))


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the shell that installs a wheel by hand; the wheels come with it."""
    lines = ["cd /srv/pinboard/venvs/*", "wheels=$(mktemp -d)", "trap 'rm -r $wheels' EXIT"]
    for name, version in OTHERS:
        wheel = make_wheel(tmp_path_factory.mktemp(name), name, version)
        packed = base64.b64encode(wheel.path.read_bytes()).decode()
        lines.append(f"echo {packed} | base64 -d >$wheels/{wheel.filename}")
    pip = f"{UV} pip install -q --no-cache --no-index --no-deps --reinstall --python bin/python"
    return "\n".join([*lines, f"install() {{ {pip} $wheels/$1-*.whl; }}", "set -eu", ""])


def verify(project: Project, host: str, *options: str) -> Deploy:
    done = project.pyinfra("inventories/lab.py", REPORT, "--limit", host, *options)
    return Deploy(done.returncode, done.stdout + done.stderr, {})


def lines(done: Deploy) -> list[str]:
    """Return what a report says of venvs."""
    return re.findall(r"\[\w+\]\s+(/srv/pinboard/venvs/.*)", done.output)


def state(host: str) -> str:
    """Return all that there is of homeport on a host, with when it was last changed."""
    # A host goes on for a moment when a deploy is over: it lets the old slot go, and prunes.
    assert eventually(host, CLEARED_UP)
    places = "/srv /etc/homeport /etc/systemd/system /var/lib/homeport /var/cache/homeport"
    return lab.run(host, f"find {places} -printf '%p %i %C@\\n' | sort", root=True).stdout


def fix_of(done: Deploy) -> list[str]:
    """Return the command that every line of a report names, and no other."""
    fixes = {line.rpartition("Fix: ")[2] for line in lines(done)}
    assert len(fixes) == 1, fixes
    return shlex.split(fixes.pop())[1:]


def test_what_was_never_deployed_is_reported_in_every_way_to_ask(
    project: Project, fresh: str
) -> None:
    before = state(fresh)
    ways = [verify(project, fresh, *way) for way in ((), ("-y",), ("--dry",), ("--dry", "-y"))]
    for way in ways:
        (line,) = lines(way)
        assert "not there: the venv " in line
        assert fix_of(way) == ["inventories/lab.py", "deploy.py", "--limit", fresh]
        assert way.code == 1
        assert "Traceback" not in way.output
    assert state(fresh) == before


def test_what_somebody_did_to_a_venv_is_named_and_mended(
    project: Project, deployed: str, install: str
) -> None:
    script = "\n".join(script for script, _ in FAULTS.values())
    lab.run(deployed, install + script, root=True).check_returncode()
    before = state(deployed)

    report = verify(project, deployed)
    assert report.code == 1
    for fault, (_, finding) in FAULTS.items():
        assert any(f"  {finding}" in line for line in lines(report)), f"{fault}\n{report.output}"
    assert len(lines(report)) == len(FAULTS)
    assert fix_of(report) == ["inventories/lab.py", "deploy.py", "--limit", deployed]
    foretold = project.dry("--limit", deployed)
    assert state(deployed) == before

    done = project.converge("--limit", deployed)
    assert done.plan(deployed) == foretold.plan(deployed)
    after = verify(project, deployed)
    (line,) = lines(after)
    assert line.endswith("  matches the lock (9 packages)")
    assert after.code == 0


def test_what_only_a_deep_look_finds_is_mended_by_the_deploy_that_it_names(
    project: Project, deployed: str
) -> None:
    script = "\n".join(script for script, _ in DEEP_FAULTS.values())
    changed = lab.run(deployed, f"set -eu; cd /srv/pinboard/venvs/*\n{script}", root=True)
    changed.check_returncode()
    before = state(deployed)

    assert verify(project, deployed).code == 0
    report = verify(project, deployed, "--data", "verify_files=yes")
    assert report.code == 1
    for fault, (_, finding) in DEEP_FAULTS.items():
        assert any(f"  {finding}" in line for line in lines(report)), f"{fault}\n{report.output}"
    assert len(lines(report)) == len(DEEP_FAULTS)
    assert state(deployed) == before

    fix = project.pyinfra("-y", *fix_of(report))
    assert fix.returncode == 0, fix.stderr
    after = verify(project, deployed, "--data", "verify_files=yes")
    (line,) = lines(after)
    assert line.endswith("  matches the lock, byte for byte (9 packages)")
    assert after.code == 0
    assert project.converge("--limit", deployed, "--data", "verify_files=yes").changed == {}


def test_one_host_that_drifted_is_named_and_the_others_are_reported_on(project: Project) -> None:
    both = ("--limit", "laptop", "--limit", "staging")
    project.converge(*both)
    lab.run("laptop", f"cd /srv/pinboard/venvs/*/{SITE}; touch mine.py", root=True)
    report = verify(project, "laptop", *both[2:], "-y", "--debug")
    findings = dict(re.findall(r"\[(\w+)\]\s+/srv/pinboard/venvs/\w+  (.*)", report.output))
    assert findings["laptop"].startswith("foreign file: ")
    assert findings["staging"] == "matches the lock (9 packages)"
    assert report.code == 1
    for host in findings:
        assert report.output.count(f"Running command on {host}:") == 1
    project.converge(*both)
    assert verify(project, "laptop", *both[2:]).code == 0


def test_a_report_of_an_error_or_of_nobody_is_no_good_report(
    project: Project, tmp_path: Path
) -> None:
    missing = verify(project, "nobody")
    assert missing.code == 1
    assert "Fix: " in missing.output
    project.edit("app.yml", "name: pinboard", "name: PinBoard")
    invalid = verify(project, "staging")
    assert invalid.code == 1
    assert "app.yml:" in invalid.output
    assert "Connecting" not in invalid.output
