"""A deploy file that is run from another directory says where to stand, in one line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.user_project import ROOT

DEPLOYS = [
    *(ROOT / name for name in ("deploy.py", "deploys/bootstrap.py")),
    *(
        file
        for file in sorted((ROOT / "deploys").glob("*.py"))
        if re.search(r"^from pyinfra import .*\bhost\b", file.read_text(), re.MULTILINE)
    ),
]


def test_in_project__these_are_all_deploy_files() -> None:
    names = {str(file.relative_to(ROOT)) for file in DEPLOYS}
    assert names >= {
        "deploy.py",
        "deploys/bootstrap.py",
        "deploys/rollback.py",
        "deploys/verify_deps.py",
    }


@pytest.mark.parametrize("file", DEPLOYS, ids=lambda file: str(file.relative_to(ROOT)))
def test_in_project__from_elsewhere_it_ends_with_one_line(file: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("pyinfra")
    done = subprocess.run(
        [program, "@local", file, "--dry"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    said = done.stdout + done.stderr
    told = f"{file}: run it in the project's folder. Fix: cd {ROOT}"
    assert said.splitlines()[-1] == told
    assert "Traceback" not in said
    assert "ModuleNotFoundError" not in said
