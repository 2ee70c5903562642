"""All phases, in their order, as deploy.py calls them, on hosts that are directories here."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine import run
from homeport.engine.kind import DesiredState
from homeport.files import managed_set
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations import PHASES
from tests.support.host_folders import Fleet
from tests.support.phase_calls import phase_calls
from tests.support.real_delivery import as_root

pytestmark = as_root
STORY = Path(__file__).parents[3] / "deploy.py"


def deploy(fleet: Fleet, root: Path, name: str, *resources: object) -> tuple[int, int]:
    """Run all phases; returns how many looks and commands that took."""
    root.mkdir()
    fleet.root = root
    fleet.start(name)
    fleet.on_each(lambda: run.start_run(PHASES, DesiredState("shop", resources)))
    fleet.add(*(call.module.converge for call in phase_calls(STORY.read_text())))
    fleet.run()
    assert fleet.failed() == set()
    return len(fleet.probes[name]), len(fleet.commands[name])


def test_a_deploy_is_whole_and_the_next_has_nothing_to_do(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        managed_set, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}"
    )
    (tmp_path / "old").touch()
    described = (
        Directory(f"{tmp_path}/etc"),
        File(f"{tmp_path}/etc/env", b"A=1\n", "640", group="daemon"),
        File(f"{tmp_path}/etc/sec", b"B=hunter2\n", "600", secret=True),
        Link(f"{tmp_path}/etc/link", "env"),
        Absent(f"{tmp_path}/old"),
    )
    # One look for the plan, one after files changed; and one command for all of them.
    assert deploy(fleet, tmp_path / "1", "a", *described) == (2, 1)
    assert (tmp_path / "etc/env").read_text() == "A=1\n"
    assert (tmp_path / "etc/link").read_text() == "A=1\n"
    assert (tmp_path / "etc/sec").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "old").exists()

    assert deploy(fleet, tmp_path / "2", "a", *described) == (1, 0)
    assert deploy(fleet, tmp_path / "3", "a") == (2, 1)
    assert not (tmp_path / "etc").exists()


def test_a_host_of_which_nothing_is_described_is_not_changed(fleet: Fleet, tmp_path: Path) -> None:
    assert deploy(fleet, tmp_path / "1", "a") == (1, 0)
