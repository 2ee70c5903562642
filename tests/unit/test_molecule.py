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
GOING_ON = ["destroy", "create", "converge", "side_effect", "verify", "destroy"]
"""A scenario that goes from one version to another: what `default` repeats is not repeated."""


def _scenario(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text()))


def test_every_step_is_done_in_turn() -> None:
    assert COMMON["scenario"]["test_sequence"] == WHOLE


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_a_scenario_differs_in_its_hosts_or_in_what_befalls_them_and_in_no_other_step(
    file: Path,
) -> None:
    own = _scenario(file)
    assert own["ansible"].pop("env")["SCENARIO_HOSTS"].split()
    going_on = {
        "scenario": {"test_sequence": GOING_ON},
        "ansible": {"playbooks": {"side_effect": "side_effect.yml"}},
    }
    assert own in ({"ansible": {}}, going_on)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_no_step_of_a_scenario_is_passed_over(file: Path) -> None:
    own = _scenario(file)
    steps = own.get("scenario", COMMON["scenario"])["test_sequence"]
    playbooks = {**COMMON["ansible"]["playbooks"], **own["ansible"].get("playbooks", {})}
    for step in set(steps) - {"idempotence"}:
        (play,) = yaml.safe_load((file.parent / playbooks[step]).read_text())
        assert play["hosts"] == "localhost"
        assert play["tasks"]


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_what_befalls_a_scenario_is_asked_about_by_specs_of_its_own(file: Path) -> None:
    own = _scenario(file)
    specs = own["ansible"]["env"].get("SCENARIO_SPECS", "").split()
    assert bool(specs) == ("scenario" in own)
    for spec in specs:
        assert "\ndef test_" in (ROOT / spec).read_text()


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.parent.name)
def test_the_inventory_of_a_scenario_is_there(file: Path) -> None:
    common = COMMON["ansible"]["env"]
    env = {**common, **_scenario(file)["ansible"]["env"]}
    for path in (env["SCENARIO_INVENTORY"], *env["SCENARIO_DEPLOYS"].split()):
        assert (ROOT / path).is_file()
