"""What docs/extending.md offers to copy is short, and in the project's own style."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/extending.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)


def test_a_kind_of_ones_own_takes_less_than_forty_lines() -> None:
    (kind,) = [block for block in BLOCKS if "KIND = " in block]
    assert len(kind.splitlines()) < 40
    for part in ("@dataclass", "def probe", "def diff", "def apply", "def converge"):
        assert part in kind


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
@pytest.mark.parametrize("check", [["check"], ["format", "--check", "--diff"]], ids="-".join)
def test_a_module_of_the_page_is_in_the_projects_style(block: str, check: list[str]) -> None:
    name = "deploy.py" if "start_run(PHASES, " in block else "operations/masks.py"
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [str(ruff), *check, "--stdin-filename", name, "-"],
        input=block,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
