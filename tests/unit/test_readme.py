"""What a reader may copy into app.yml is accepted as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from homeport.manifest import load, validate

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_an_application_file_of_the_readme_is_accepted(block: str, tmp_path: Path) -> None:
    (tmp_path / "app.yml").write_text(block)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    app = validate(load(tmp_path / "app.yml"))
    assert app.processes or app.schedules
