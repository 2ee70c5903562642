"""Whatever happens to a deploy, and wherever: the host runs one whole release in the end."""

from __future__ import annotations

import pytest

from homeport.release import generations
from tests.unit.release.shop import Shop
from tests.unit.release.version import NEW, OLD


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
