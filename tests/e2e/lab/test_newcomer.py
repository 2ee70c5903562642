"""A stranger clones the project and types what the README says."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.lab.project import ROOT, Project

pytestmark = pytest.mark.long

SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)

LOCKED = " --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header -o "
LOCKING = (
    f"uv pip compile pyproject.toml --group verify{LOCKED}requirements.lock",
    f"uv pip compile --group dev -c requirements.lock{LOCKED}requirements-dev.lock",
)

LOCKING_OUT = (
    'pyinfra -y inventories/lab.py deploys/lock.py --data reason="no deploys on Friday"'
    " --data for=2d"
)
RADICALE = "pyinfra inventories/lab.py deploy.py --data app_file=examples/radicale/app.yml"
BUILD = "--data artifact=builds/pinboard.tar.gz"
PROMOTING = (
    "python -m homeport.build -o builds/pinboard.tar.gz",
    f"pyinfra -y inventories/lab.py deploy.py --limit staging {BUILD}",
    f"pyinfra -y inventories/lab.py deploy.py --limit pi {BUILD}",
)
# The guide to a bare Pi, which needs one: all of it, in this order, on a host of its own.
GUIDE = (
    "install -m 600 /dev/stdin secrets/pi-password",
    "pyinfra inventories/pi.py deploys/bootstrap.py --dry --diff",
    "pyinfra inventories/pi.py deploys/bootstrap.py",
    "pyinfra inventories/pi.py deploy.py",
    "pytest tests/production --inventory=inventories/pi.py",
)

# What a reader can copy, and what runs it; everything else is run as it stands.
DRIFT = "tests/e2e/lab/test_drift.py"
COVERED = {
    "make demo": "test_a_fresh_clone_runs_the_demo_and_ends_with_one_command",
    "make lab-down": "test_a_fresh_clone_runs_the_demo_and_ends_with_one_command",
    "make test": "what runs this file",
    "make check": "make test",
    **dict.fromkeys(LOCKING, "test_a_lock_is_what_its_command_makes"),
    "make audit": "tests/unit/tools/audit",
    "make hardening": "its own lab: what it measures stands in docs/hardening.json",
    "make unit": "make test",
    "make e2e": "make test",
    "molecule test": "tests/e2e/lab/test_molecule.py",
    "molecule test -s debian-13": "tests/e2e/lab/test_molecule.py",
    "pyinfra inventories/lab.py deploy.py": "every promise that deploys",
    "pyinfra inventories/lab.py deploys/verify_deps.py": "tests/e2e/lab/test_drift.py",
    "pyinfra inventories/lab.py deploys/verify_deps.py --data verify_files=yes": DRIFT,
    # On a copy: this checkout gets no hooks, and its Python may be another one.
    "pyinfra inventories/laptop.py deploy.py --dry --diff": "tests/e2e/laptop/test_laptop.py",
    "pyinfra inventories/laptop.py deploy.py": "tests/e2e/laptop/test_laptop.py",
    "pytest tests/production --inventory=inventories/laptop.py": "tests/e2e/laptop/test_laptop.py",
    "local/run": "tests/e2e/laptop/test_running.py",
    "local/run python -m pinboard.tidy": "tests/e2e/laptop/test_running.py",
    "pytest tests/production --inventory=inventories/lab.py": "tests/e2e/lab/test_proof.py",
    "python -m homeport.rollout inventories/lab.py --dry --diff": "tests/e2e/lab/test_rollout.py",
    "python -m homeport.rollout inventories/lab.py -y": "tests/e2e/lab/test_rollout.py",
    "pyinfra -y inventories/lab.py deploys/rollback.py": "tests/e2e/lab/test_rollback.py",
    "pyinfra -y inventories/lab.py deploy.py": "every promise that deploys",
    "git apply examples/versions/1.1.0.patch": "tests/e2e/lab/test_rollback.py",
    "git apply examples/versions/broken.patch": "tests/e2e/lab/test_rollback.py",
    "git checkout examples/pinboard": "undoes both in this checkout, which has neither",
    LOCKING_OUT: "tests/e2e/lab/test_rollback.py",
    "pyinfra -y inventories/lab.py deploys/unlock.py": "tests/e2e/lab/test_rollback.py",
    "pyinfra -y inventories/lab.py deploys/take_over.py": "tests/e2e/lab/test_take_over.py",
    **dict.fromkeys(PROMOTING, "tests/e2e/lab/test_sources.py"),
    "make docs": "tests/unit/tools/docgen/test_pages.py",
    "make faults": "tests/unit/scenarios/hostctl/test_power_cuts.py has a sample of it",
    "make kills": "takes 50 minutes; tests/e2e/lab/test_no_request_lost.py has a sample of it",
    "make spec-faults": "takes half an hour; tests/e2e/lab/test_proof.py has a sample of it",
    "make power-cuts": "takes hours; tests/unit/faults/machine has what needs no machine",
    "make bench": "takes 40 minutes; all of its parts but the plan are those of make bench-quick",
    "make bench-quick": "tests/e2e/lab/test_benchmark.py",
    "make bench-load": "takes more than an hour; its parts are those of test_no_request_lost.py",
    "python -m benchmarks.connection --page": "takes an idle machine ten minutes;"
    " its parts are those of tests/unit/benchmarks/connection",
    f"{RADICALE} --dry --diff": "tests/e2e/lab/test_third_party.py",
    RADICALE: "tests/e2e/lab/test_third_party.py",
    "pytest tests/production --inventory=inventories/lab.py"
    " --data=app_file=examples/radicale/app.yml": "tests/e2e/lab/test_third_party.py",
    **dict.fromkeys(GUIDE, "tests/e2e/lab/test_bootstrap.py"),
}
# Documents that a promise of their own follows from the first command to the last.
FOLLOWED = {"docs/staging-setup.md": "tests/e2e/lab/test_staging_setup.py"}


def documents() -> list[Path]:
    """Return what a reader reads."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands() -> list[tuple[str, str]]:
    """Return every command line that a reader can copy, with the document that has it."""
    return [
        (str(path.relative_to(ROOT)), line.strip())
        for path in documents()
        for block in SHELL.findall(path.read_text())
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
        if str(path.relative_to(ROOT)) not in FOLLOWED
    ]


def test_what_the_readme_shows_is_what_a_first_dry_run_prints(project: Project) -> None:
    import lab

    lab.reset("pi")
    dry = project.dry("--limit", "pi")
    (shown,) = SHOWN.findall((ROOT / "README.md").read_text())
    for line in shown.splitlines()[1:]:
        # Columns are as wide as the longest name of a host; an ellipsis stands for an identity.
        words = (re.escape(word).replace("…", ".*") for word in line.split())
        pattern = r"\s+".join(words)
        assert re.search(pattern, dry.output), f"not printed: {line}"


@pytest.mark.parametrize(("document", "command"), commands(), ids=itertools.count())
def test_what_a_reader_can_copy_works(document: str, command: str, project: Project) -> None:
    if command in COVERED:
        return
    environment = {**os.environ, "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}
    with subprocess.Popen(
        ["sh", "-c", command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            # The whole group: a shell that is killed leaves behind what it started.
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, f"{document}: {command}\n{output}"


def test_a_lock_is_what_its_command_makes(tmp_path: Path) -> None:
    # In a copy: a lock that is touched makes the next `make` build .venv anew.
    locks = ("requirements.lock", "requirements-dev.lock")
    for name in ("pyproject.toml", *locks):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    environment = {**os.environ, "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}
    for command in LOCKING:
        subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environment, check=True, capture_output=True
        )
    for name in locks:
        assert (tmp_path / name).read_text() == (ROOT / name).read_text()


def test_a_fresh_clone_runs_the_demo_and_ends_with_one_command(tmp_path: Path) -> None:
    clone = tmp_path / "homeport"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    outside = {k: v for k, v in os.environ.items() if k not in ("HOMEPORT_LAB", "VIRTUAL_ENV")}
    try:
        demo = _make("demo", clone, outside)
        assert demo.returncode == 0, demo.stdout + demo.stderr
        output = demo.stdout + demo.stderr
        for step in ("1. What would change", "3. Prove it", "http://", "make lab-down"):
            assert step in output
        proven = re.findall(r"(\d+) passed", output)
        assert proven
        assert int(proven[-1]) > 0
        # The last table of results: nothing succeeded in changing anything.
        count = 3 * (ROOT / "deploy.py").read_text().count('(name="')
        again = output.rsplit("4. Again", 1)[1]
        assert re.search(rf"Grand total +{count} +- +- +{count}\s", again)
    finally:
        down = _make("lab-down", clone, outside)
    assert down.returncode == 0, down.stdout + down.stderr
    assert "not up" in _status(clone, outside)


def _make(
    target: str, clone: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-C", str(clone), target],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )


def _status(clone: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [str(clone / ".venv/bin/python"), "-m", "lab", "status"],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
