"""A host that no earlier homeport deployed to is left alone by the command that takes one over."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.deployment.take_over import take_over
from homeport.operations.hostctl import old_layout
from tests.support.host_folders import Fleet


@pytest.mark.parametrize("found", [True, False])
def test_take_over__the_script_runs_where_something_of_the_earlier_homeport_is(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: bool
) -> None:
    monkeypatch.setattr(old_layout, "MARKS", (f"{tmp_path}/lib", f"{tmp_path}/unit"))
    monkeypatch.setattr(old_layout, "SCRIPT", f"echo ran >>{tmp_path}/ran\n")
    if found:
        (tmp_path / "unit").touch()
    fleet.start("a")
    fleet.add(take_over)
    fleet.run()
    assert (tmp_path / "ran").exists() is found
