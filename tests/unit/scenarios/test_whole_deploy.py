"""All phases, in their order, as deploy.py calls them, on hosts that are directories here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeport.engine import run as session
from homeport.engine.kind import DesiredState, Kind
from homeport.files import managed_set as group
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations import PHASES, files, packages, releases
from homeport.operations import config_files as configs
from homeport.operations import executables as programs
from homeport.operations import git_hooks as hooks
from homeport.operations import release_check as checks
from homeport.operations import users as accounts
from homeport.operations.bootstrap import BOOTSTRAP
from homeport.operations.hostctl import kind as guards
from homeport.operations.platform import kind as hosts
from homeport.operations.proxy import kind as proxies
from homeport.operations.services import kind as services
from homeport.operations.units import kind as units
from homeport.operations.venvs import kind as venvs
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root

pytestmark = as_root
MODULES = (
    hosts,
    packages,
    programs,
    accounts,
    guards,
    files,
    venvs,
    releases,
    configs,
    checks,
    units,
    proxies,
    hooks,
    services,
)


def deploy(fleet: Fleet, root: Path, name: str, *resources: object) -> tuple[int, int]:
    """Run all phases; returns how many looks and commands that took."""
    root.mkdir()
    fleet.root = root
    fleet.start(name)
    fleet.on_each(lambda: session.start_run(PHASES, DesiredState("shop", resources)))
    fleet.add(*(module.converge for module in MODULES))
    fleet.run()
    assert fleet.failed() == set()
    return len(fleet.probes[name]), len(fleet.commands[name])


def name_of(kind: Kind[Any]) -> str:
    """Return the module of a kind, which the plan has with hyphens."""
    return kind.name.replace("-", "_")


def test_deploy_py_calls_every_phase_in_its_order() -> None:
    assert [module.KIND for module in MODULES] == list(PHASES)
    story = (Path(__file__).parents[3] / "deploy.py").read_text()
    calls = [story.index(f"\n{name_of(module.KIND)}.converge(") for module in MODULES]
    assert calls == sorted(calls)
    # What guards a deploy is there before it begins, and it begins before the first file.
    begins, ends = story.index("\nlifecycle.begin("), story.index("\nlifecycle.confirm(")
    assert calls[4] < begins < calls[5]
    assert calls[-1] < ends


def test_bootstrap_py_calls_every_phase_in_its_order() -> None:
    story = (Path(__file__).parents[3] / "deploys/bootstrap.py").read_text()
    calls = [story.index(f"\n{name_of(kind)}.converge(") for kind in BOOTSTRAP]
    assert calls == sorted(calls)
    assert story.count(".converge(") == len(BOOTSTRAP)


def test_a_deploy_is_whole_and_the_next_has_nothing_to_do(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}")
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
