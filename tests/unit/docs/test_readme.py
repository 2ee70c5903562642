"""What a reader may copy into app.yml is accepted as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from homeport.artifacts import PythonPlatform, read_lock
from homeport.description.paths import HostPaths
from homeport.description.user_templates import render_templates
from homeport.manifest import load, validate

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_an_application_file_of_the_readme_is_accepted(block: str, tmp_path: Path) -> None:
    (tmp_path / "app.yml").write_text(block)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    app = validate(load(tmp_path / "app.yml"))
    assert app.processes or app.schedules


@pytest.mark.parametrize("name", ["radicale", "datasette"])
def test_an_example_is_shown_as_it_is_and_accepted_as_it_stands(name: str) -> None:
    example = ROOT / "examples" / name / "app.yml"
    shown = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs/third-party.md").read_text(), re.M | re.S
    )
    assert example.read_text() in shown
    app = validate(load(example))
    # Python and Debian as group_data has them, and a secret of which there is only the name.
    lock = read_lock(app.resolve(app.requirements or ""), PythonPlatform("arm64", "3.11", "12"))
    secrets = dict.fromkeys(app.secrets, "hunter22")
    assert render_templates(app, HostPaths(app.name), secrets, {}).keys() == app.config_files.keys()
    assert name in [pin.name for pin in lock.requirements]
