"""Whatever happens to a deploy, and wherever: the host runs one whole release in the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.release import generations
from homeport.release.durable import records
from tests.unit.release.killing import killed, points
from tests.unit.release.shop import Shop
from tests.unit.release.version import APP, Version

OLD, NEW = Version("v1"), Version("v2", "keen")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A host on which a first version was deployed, some time ago."""
    shop = Shop(tmp_path / "host")
    shop.root.mkdir()
    assert shop.deploy(OLD) == 0
    shop.settle()
    shop.whole(OLD)
    shop.clock.passed += 1000
    return shop


def test_a_deploy_that_is_confirmed_serves_and_the_old_slot_stops(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    assert {unit for unit in shop.systemd.runs if "@" in unit} == {
        "shop-web@a.service",
        "shop-web@b.service",
    }
    shop.settle()
    shop.whole(NEW)
    assert shop.outcome()["outcome"] == "confirmed"


@pytest.mark.parametrize("manner", ["crashes", "deaf", "falls", "hurts"])
def test_a_release_that_is_not_well_is_reverted_and_marked_bad(
    shop: Shop, manner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.systemd.manners["v2"] = manner
    assert shop.deploy(NEW) == 1
    shop.settle()
    shop.whole(OLD)
    assert "has said this" in capsys.readouterr().err
    (mark,) = generations.marks(shop.place).values()
    assert mark["reason"] == shop.outcome()["reason"] != ""
    assert shop.outcome()["outcome"] == "reverted"


def deadman(shop: Shop) -> None:
    shop.host().revert(shop.place, "its connection was gone")


def reboot(shop: Shop) -> None:
    shop.reboot()


def next_deploy(shop: Shop) -> None:
    shop.clock.passed += 1000  # the lease is over
    name = shop.begin("next")
    assert shop.run("revert", APP, name, "it was only to look") == 0


ENDINGS = [deadman, reboot, next_deploy]


def confirmed(shop: Shop, name: str) -> bool:
    """Return whether a deploy is confirmed: there is no way back from that line."""
    found = [records(path) for path in (shop.place.deploy, shop.place.last)]
    ours = [lines for lines in found if lines and lines[0].get("id") == name]
    return any(line.get("state") == "confirmed" for lines in ours for line in lines)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_deploy_killed_between_any_two_steps_ends_whole(
    shop: Shop, tmp_path: Path, ending: Callable[[Shop], None]
) -> None:
    def work(shop: Shop) -> None:
        assert shop.deploy(NEW) == 0

    seen = set()
    for number, name in enumerate(points(shop, tmp_path / "whole", work), 1):
        trial = killed(shop, tmp_path / str(number), work, number)
        is_new = confirmed(trial, f"d{trial.count}")
        seen.add(is_new)
        try:
            ending(trial)
            trial.settle()
            trial.whole(NEW if is_new else OLD)
        except BaseException as wrong:
            wrong.add_note(f"killed before step {number}: {name}")
            raise
    assert seen == {True, False}
