"""A scenario that upgrades or goes back is green when that came about, and red when it did not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.paths import place
from lab.state import read
from tests.e2e.lab.project import ROOT
from tests.e2e.lab.scenarios import GOING_ON, Checkout, Run, cloned, lab_name, lab_of

pytestmark = pytest.mark.long

STEPS = ("create", "converge", "side_effect", "verify", "destroy")


@dataclass(frozen=True)
class Played:
    """What came of a scenario, of the step that sees its promise broken, and of taking it down."""

    passed: Run
    broken: Run
    down: Run


def _went_back(checkout: Checkout) -> None:
    back = ("lab", "shell", "staging", "sudo homeportctl rollback pinboard")
    environment = {**os.environ, "HOMEPORT_LAB": lab_name("upgrade")}
    subprocess.run(
        [sys.executable, "-m", *back], cwd=ROOT, env=environment, check=True, capture_output=True
    )


def _has_no_gate(checkout: Checkout) -> None:
    checkout.edit(
        "app.yml", "      ready: {path: /health/ready, expect_body: '\"ready\":true'}\n", ""
    )


def _goes_nowhere(checkout: Checkout) -> None:
    checkout.edit("deploys/rollback.py", 'rollback.converge(name="Rollback")\n', "")


# What breaks each promise, the step that sees it, and what is then said.
BROKEN: dict[str, tuple[Callable[[Checkout], None], str, str]] = {
    "upgrade": (_went_back, "verify", "assert '1.0.0' == '1.1.0'"),
    "failed-upgrade": (_has_no_gate, "side_effect", "run.rc == 1"),
    "rollback": (_goes_nowhere, "side_effect", "== names"),
}


@pytest.fixture(scope="module", autouse=True)
def hosts() -> None:
    """Bring up none of the hosts that other promises need: scenarios have hosts of their own."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Played]]]:
    """Run all of them at the same time: most of it is waiting."""
    with ThreadPoolExecutor() as pool:
        yield {
            scenario: pool.submit(_play, scenario, tmp_path_factory.mktemp(scenario))
            for scenario in GOING_ON
        }


def _play(scenario: str, folder: Path) -> Played:
    checkout = cloned(folder / "homeport")
    spoil, step, _ = BROKEN[scenario]
    try:
        run = broken = checkout.molecule("test", "-s", scenario, "--destroy=never")
        if run.code == 0:
            spoil(checkout)
            broken = checkout.molecule(step.replace("_", "-"), "-s", scenario)
    finally:
        down = checkout.molecule("destroy", "-s", scenario)
    return Played(run, broken, down)


@pytest.mark.parametrize("scenario", GOING_ON)
def test_each_passes_in_a_fresh_clone_and_nothing_of_it_is_left(
    played: Mapping[str, Future[Played]], scenario: str
) -> None:
    run, down = played[scenario].result().passed, played[scenario].result().down
    assert run.code == 0, run.output
    assert all(run.step(step) == "Successful" for step in STEPS), run.output
    assert "missing=0" in run.output
    assert down.code == 0, down.output
    with lab_of(scenario):
        assert not read(place()).hosts


@pytest.mark.parametrize("scenario", GOING_ON)
def test_each_fails_when_what_it_promises_does_not_come_about(
    played: Mapping[str, Future[Played]], scenario: str
) -> None:
    broken = played[scenario].result().broken
    _, step, message = BROKEN[scenario]
    assert broken.code != 0, broken.output
    assert broken.step(step) == "Failed", broken.output
    assert message in broken.output, broken.output
