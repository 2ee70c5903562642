"""A project that is not installed names its connector to pyinfra all the same."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

from homeport.openssh.entry_point import TEXTS

ROOT = Path(__file__).parents[3]


def test_entry_point__pyinfra_finds_the_connector(tmp_path: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from homeport.openssh.entry_point import register
register()
register()
from pyinfra.api.connectors import get_execution_connectors
print(get_execution_connectors()["openssh"].__name__)
print(sum(type(finder).__name__ == "_Finder" for finder in sys.meta_path))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["OpenSSHConnector", "1"]


def test_entry_point__it_is_the_one_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]["pyinfra.connectors"]
    assert EntryPoint("openssh", named["openssh"], "pyinfra.connectors").load()
    assert f"openssh = {named['openssh']}\n" in TEXTS["entry_points.txt"]
