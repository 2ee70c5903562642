"""What docs/extending.md offers to copy is short, and in the project's own style."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.lab.test_mixing_in import patched

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/extending.md").read_text()
IMPORT = re.compile(r"^from (?:homeport|kinds)\b[^(\n]*(?:\([^)]*\))?$", re.M)
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)


def test_a_kind_of_ones_own_takes_less_than_forty_lines() -> None:
    (kind,) = [block for block in BLOCKS if "KIND = " in block]
    assert len(kind.splitlines()) < 40
    for part in ("@dataclass", "def probe", "def diff", "def apply", "converge ="):
        assert part in kind


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
@pytest.mark.parametrize("check", [["check"], ["format", "--check", "--diff"]], ids="-".join)
def test_a_module_of_the_page_is_in_the_projects_style(block: str, check: list[str]) -> None:
    name = "deploy.py" if "start_run(PHASES, " in block else "kinds/masks.py"
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [str(ruff), *check, "--stdin-filename", name, "-"],
        input=block,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_modules_and_diffs_of_the_page_fit_the_project_as_it_is(tmp_path: Path) -> None:
    _, kind, custom, proof = BLOCKS
    in_deploy, in_proofs = re.findall(r"^```diff\n(.*?)^```$", PAGE, re.M | re.S)
    for folder in ("kinds", "tests/production/described"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "kinds/masks.py").write_text(kind)
    (tmp_path / "kinds/__init__.py").write_text(custom)
    described = tmp_path / "tests/production/described"
    (described / "masks.py").write_text(proof)
    proofs = described / "__init__.py"
    proofs.write_text(patched(proofs.read_text(), in_proofs))
    story = patched((ROOT / "deploy.py").read_text(), in_deploy)
    imports = IMPORT.findall(story)
    (tmp_path / "tried.py").write_text(
        "\n".join(
            [
                *imports,
                "from kinds import custom_resources",
                "from kinds.masks import Mask",
                "from tests.production.described import PROOFS, QUESTIONS",
                "assert masks.KIND.name == 'masks' and callable(masks.converge)",
                "assert custom_resources({})[0] == Mask('sleep.target')",
                "(proof,) = PROOFS[Mask]",
                "assert proof.faults(Mask('a.target'), '') == ['a.target is not masked']",
                "assert 'find' in QUESTIONS[proof.question](None)",
            ]
        )
    )
    done = subprocess.run(
        [sys.executable, "tried.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "+from" not in story
    assert story.count("masks.") == 2
    compile(story, "deploy.py", "exec")


def test_the_deploy_of_the_page_imports_what_there_is() -> None:
    imports = "\n".join(IMPORT.findall(BLOCKS[0]))
    done = subprocess.run([sys.executable, "-c", imports], cwd=ROOT, capture_output=True, text=True)
    assert imports
    assert done.returncode == 0, done.stderr
