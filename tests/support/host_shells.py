"""What tests of several modules share: host shells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.support.real_shell import SHELLS

HOST = Path(__file__).parents[2] / "templates/host_programs"
LIBRARY = str(Path(__file__).parents[2] / "homeport")
"""What has the host program here: as on a host, its modules are below hostctl."""
each_shell = pytest.mark.parametrize("shell", SHELLS)


# run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two releases with a venv each, and the programs beside them."""
    for release, venv in (("r1", "v1"), ("r2", "v2")):
        (tmp_path / "releases" / release).mkdir(parents=True)
        (tmp_path / "releases" / release / "where").write_text(f"{release}\n")
        (tmp_path / "releases" / release / "venv").symlink_to(f"../../venvs/{venv}")
        (tmp_path / "venvs" / venv / "bin").mkdir(parents=True)
        tool = tmp_path / "venvs" / venv / "bin/tool"
        tool.write_text(f'#!/bin/sh\necho "{venv}: $*"\n')
        tool.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/run").write_bytes((HOST / "run").read_bytes())
    (tmp_path / "bin/run").chmod(0o755)
    (tmp_path / "current").symlink_to(tmp_path / "releases/r1")
    return tmp_path


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: not name.startswith(("PYTHON", "LC_", "LANG"))
)
values = st.text(
    st.one_of(
        st.sampled_from("\\\"'` $#%;=~{}*\t"),
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    ),
    max_size=20,
)
HARD = {"A": "a\\", "B": '"', "C": '\\"', "D": "#", "E": " x ", "F": "", "G": "'", "H": "ü€"}
