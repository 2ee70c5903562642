"""Every scenario says what it is about, and has a playbook for each of its steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((ROOT / "molecule").glob("*/molecule.yml"))
COMMON: dict[str, Any] = yaml.safe_load((ROOT / ".config/molecule/config.yml").read_text())
WHOLE = ["destroy", "create", "converge", "idempotence", "verify", "destroy"]


def _scenario(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text()))


def test_every_step_is_done_in_turn() -> None:
    assert COMMON["scenario"]["test_sequence"] == WHOLE


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_a_scenario_differs_in_its_hosts_and_not_in_its_steps(file: Path) -> None:
    own = _scenario(file)
    assert set(own) == {"ansible"}
    assert set(own["ansible"]) == {"env"}
    assert own["ansible"]["env"]["SCENARIO_HOSTS"].split()


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_no_step_of_a_scenario_is_passed_over(file: Path) -> None:
    for step in set(WHOLE) - {"idempotence"}:
        playbook = file.parent / COMMON["ansible"]["playbooks"][step]
        (play,) = yaml.safe_load(playbook.read_text())
        assert play["hosts"] == "localhost"
        assert play["tasks"]


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_the_inventory_of_a_scenario_is_there(file: Path) -> None:
    common = COMMON["ansible"]["env"]
    env = {**common, **_scenario(file)["ansible"]["env"]}
    for path in (env["SCENARIO_INVENTORY"], *env["SCENARIO_DEPLOYS"].split()):
        assert (ROOT / path).is_file()
