"""Who asks for something while releases are switched is answered, by one release or the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

import lab
from benchmarks.load.figures import Figures, figures
from benchmarks.load.generator import generating
from benchmarks.load.load import Plan
from benchmarks.load.samples import GET, OPEN, POST, SLOW, read
from benchmarks.load.stage import Stage
from benchmarks.load.work import Work
from tests.faults.kills.case import DEPLOY, ROLLBACK, cases
from tests.faults.kills.play import Player, described

HOST = "staging"
LOAD = Plan(rate=100, slow=1.0)
SWITCHES = 3
SEED = 1
"""Draws what is killed; `make kills` kills at every boundary."""


@dataclass(frozen=True)
class Loaded:
    """An application that runs behind a proxy, and where the samples of a load on it go."""

    stage: Stage
    work: Work
    samples: Path

    def deploy(self, release: str) -> None:
        """Deploy another release."""
        self.work.release(release)
        self.work.converge([self.stage.reach])

    def seen(self) -> Figures:
        """Return what the load has seen."""
        return figures(read(self.samples))


@pytest.fixture(scope="module")
def loaded(hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Yield an application with a proxy on a new host, which is new again afterwards."""
    lab.reset(HOST)
    folder = tmp_path_factory.mktemp("loaded")
    stage, work = Stage(HOST, folder), described(folder / "work")
    stage.certify()
    it = Loaded(stage, work, folder / "samples")
    it.deploy("first")
    yield it
    lab.reset(HOST)


def test_no_request_is_lost_by_deploys_and_rollbacks_in_a_row(loaded: Loaded) -> None:
    stage = loaded.stage
    with generating(stage.target, LOAD, loaded.samples):
        for number in range(SWITCHES):
            loaded.deploy(f"deploy-{number}")
        for _ in range(SWITCHES):
            before = stage.history("ticker")[-1]["from"]
            stage.run("homeportctl", "rollback", "ticker", before)
        stage.settle("ticker")
    seen = loaded.seen()
    assert seen.failed == {}
    assert seen.switches == 2 * SWITCHES
    assert all(seen.sent[kind] for kind in (GET, POST, SLOW, OPEN))
    # By design a websocket stays with the release that it was opened to, and ends with it.
    assert seen.cut >= 1


def test_a_release_that_crashes_is_left_by_all_who_asked_for_a_page(loaded: Loaded) -> None:
    with generating(loaded.stage.target, LOAD, loaded.samples):
        loaded.work.release("crashes", crash=0.5)
        done = loaded.work.deploy([loaded.stage.reach])
    assert done.code != 0
    seen = loaded.seen()
    # What was being sent to it as it died is lost if it may not be sent twice; nothing else is.
    assert set(seen.failed) <= {f"{POST}: status 502"}
    assert seen.switches == 2


def test_a_front_that_is_away_for_a_moment_is_noticed(loaded: Loaded) -> None:
    with generating(loaded.stage.target, LOAD, loaded.samples):
        loaded.stage.run("systemctl", "restart", "nginx")
        time.sleep(0.5)
    assert loaded.seen().failures


def test_no_request_is_lost_by_what_is_killed_on_its_way(loaded: Loaded) -> None:
    player = Player(loaded.stage, loaded.work, loaded.samples)
    player.deploy()
    every, drawn = list(cases()), Random(SEED)
    for job in (DEPLOY, ROLLBACK):
        case = drawn.choice([case for case in every if case.job == job])
        assert player.play(case) == [], case
