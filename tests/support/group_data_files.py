"""What tests of several modules share: group data files."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.pyinfra_adapter.data_source import WHERE

PI = """\
debian = "12"
app = {
    "environment": {"A": "x"},
    **{"python": "3.13"},
    "processes": {
        "web": {"listen": 0},
    },
}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / WHERE).mkdir()
    (tmp_path / WHERE / "pi.py").write_text(PI)
    (tmp_path / WHERE / "all.py").write_text('architecture = "x"\napp = {}\n')
    return tmp_path
