"""The production specs say of a slip what a deploy says of it, and prove nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.user_project import ROOT, Project, Spoil

SLIPS: dict[str, tuple[Spoil, str]] = {
    "unknown key": (
        lambda project: project.edit("app.yml", "listen:", "listn:"),
        "app.yml:9: processes.web.listn: 'listn' is not a key here. Fix: write listen.",
    ),
    "group_data that raises": (
        lambda project: project.write("group_data/pi.py", "1 / 0\n"),
        "group_data/pi.py:1: it raises ZeroDivisionError: division by zero. Fix: correct what",
    ),
    "a slip in group_data": (
        lambda project: project.write("group_data/pi.py", 'app = {"processes": 1}\n'),
        "group_data/pi.py:1: processes: expected a mapping, got a number. Fix: write",
    ),
    "an empty inventory": (
        lambda project: project.write("inventories/pi.py", ""),
        "inventories/pi.py: there is no host in it. Fix: name hosts in a list",
    ),
    "no inventory": (
        lambda project: project.remove("inventories/pi.py"),
        "inventories/pi.py: there is no such inventory. Fix: write one",
    ),
}


OPTIONS = ("-p", "no:cacheprovider", "--inventory=inventories/pi.py")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.made(tmp_path)
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tests/production", tmp_path / "tests/production", ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return made


def test_a_host_that_can_not_be_described_fails_alone(project: Project) -> None:
    hosts = '("odd.invalid", {"debian": "11"}), ("pi.invalid", {}), ("@docker/away", {})'
    project.write("inventories/pi.py", f"pi = [{hosts}]\n")
    # The other one can't be reached, so its specs fail: they are run all the same.
    code, output = project.run("pytest", "tests/production", *OPTIONS, "-k", "is_as_described")
    assert code == 1, output
    lines = output.splitlines()
    errors = [line for line in lines if line.startswith("odd.invalid: ")]
    assert len(errors) == 1
    assert "debian: 11 is not supported. Fix: set debian" in errors[0]
    (away,) = [line for line in lines if line.startswith("@docker/away: ")]
    assert "is reached by a connector of its own" in away
    assert "pi.invalid-Package-python3.11" in output
    assert "raceback" not in output


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_line_and_no_spec_is_run(slip: str, project: Project) -> None:
    spoil, message = SLIPS[slip]
    spoil(project)
    code, output = project.run("pytest", "tests/production", *OPTIONS)
    ours = [line for line in output.splitlines() if ". Fix: " in line]
    assert len(ours) == 1, output
    assert message in ours[0]
    assert code == 4
    assert "raceback" not in output
