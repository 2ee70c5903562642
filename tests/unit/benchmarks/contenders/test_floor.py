"""The floors: one over each connector, and neither does anything of the job."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS, FLOOR, FLOORS, Reach

OPENSSH = next(floor for floor in FLOORS if floor is not FLOOR)


def reach(tmp_path: Path) -> Reach:
    """Return a host."""
    return Reach("one", "127.0.0.1", 4022, "deploy", tmp_path / "key", tmp_path / "known")


def test_floor__each_names_its_connector(tmp_path: Path) -> None:
    for floor, name in ((FLOOR, "@ssh/one"), (OPENSSH, "@openssh/one")):
        floor.prepare(tmp_path, [reach(tmp_path)])
        ((found, data),) = runpy.run_path(str(tmp_path / "inventory.py"))["hosts"]
        assert found == name
        assert data["ssh_port"] == 4022


def test_floor__they_run_the_same_command_and_are_named_apart(tmp_path: Path) -> None:
    assert len({tuple(floor.command(tmp_path, [])) for floor in FLOORS}) == 1
    everyone = [*CONTENDERS, *FLOORS]
    assert len({one.name for one in everyone}) == len({one.title for one in everyone}) == 6


def test_floor__pyinfra_is_told_of_the_connector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    OPENSSH.prepare(tmp_path, [reach(tmp_path)])
    assert "register" in runpy.run_path(str(tmp_path / "config.py"))
    assert (Path(OPENSSH.environment(tmp_path)["PYTHONPATH"]) / "homeport/openssh").is_dir()
    OPENSSH.finish(tmp_path)
