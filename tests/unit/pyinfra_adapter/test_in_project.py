"""A deploy file that is run from another directory says where to stand, in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from homeport.description.deploy_files import DEPLOY_FILES
from tests.support.user_project import ROOT

DEPLOYS = [ROOT / row.name for row in DEPLOY_FILES]


@pytest.mark.parametrize("file", DEPLOYS, ids=lambda file: str(file.relative_to(ROOT)))
def test_in_project__from_elsewhere_it_ends_with_one_line(file: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("pyinfra")
    done = subprocess.run(
        [program, "@local", file, "--dry"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    output = done.stdout + done.stderr
    message = f"{file}: run it in the project's folder. Fix: cd {ROOT}"
    assert output.splitlines()[-1] == message
    assert "Traceback" not in output
    assert "ModuleNotFoundError" not in output
