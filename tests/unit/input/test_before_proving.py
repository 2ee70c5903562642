"""The production specs say of a slip what a deploy says of it, and prove nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.input.project import ROOT, Project, Spoil

SLIPS: dict[str, tuple[Spoil, str]] = {
    "unknown key": (
        lambda project: project.edit("app.yml", "listen:", "listn:"),
        "app.yml:9: processes.web.listn: 'listn' is not a key here. Mend: write listen.",
    ),
    "group_data that raises": (
        lambda project: project.write("group_data/pi.py", "1 / 0\n"),
        "group_data/pi.py:1: it raises ZeroDivisionError: division by zero. Mend: correct what",
    ),
    "a slip in group_data": (
        lambda project: project.write("group_data/pi.py", 'app = {"processes": 1}\n'),
        "group_data/pi.py:1: processes: a number stands where a mapping belongs. Mend: write",
    ),
    "an empty inventory": (
        lambda project: project.write("inventories/pi.py", ""),
        "inventories/pi.py: there is no host in it. Mend: name hosts in a list",
    ),
    "no inventory": (
        lambda project: project.remove("inventories/pi.py"),
        "inventories/pi.py: there is no such inventory. Mend: write one",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_line_and_no_spec_is_run(slip: str, tmp_path: Path) -> None:
    project = Project.made(tmp_path)
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tests/production", tmp_path / "tests/production", ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    spoil, told = SLIPS[slip]
    spoil(project)
    options = ("-p", "no:cacheprovider", "--inventory=inventories/pi.py")
    code, output = project.run("pytest", "tests/production", *options)
    ours = [line for line in output.splitlines() if ". Mend: " in line]
    assert len(ours) == 1, output
    assert told in ours[0]
    assert code == 4
    assert "raceback" not in output
