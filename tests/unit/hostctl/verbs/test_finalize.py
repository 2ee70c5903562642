"""What hostctl.verbs.finalize promises."""

from __future__ import annotations

from homeport.hostctl.slots.pointer import Pointer
from homeport.hostctl.snapshots import generations
from homeport.hostctl.verbs import transitions
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW


def test_finalize__what_is_well_after_all_is_no_longer_marked_bad(shop: Shop) -> None:
    shop.systemd.manners["v2"] = "crashes"
    assert shop.deploy(NEW) == 1
    del shop.systemd.manners["v2"]
    assert shop.deploy(NEW) == 0
    assert generations.marks(shop.place) == {}


def test_finalize__what_nobody_could_confirm_is_marked_bad_if_that_is_said(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    assert shop.run("revert", APP, "d2", "no new connection") == 0
    assert [mark["reason"] for mark in generations.marks(shop.place).values()] == [
        "no new connection"
    ]


def test_finalize__a_lost_connection_speaks_of_no_release(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    transitions.revert(shop.host(), shop.place, "its connection was gone")
    assert generations.marks(shop.place) == {}


def test_finalize__a_deploy_that_changed_nothing_is_said_to_have_changed_nothing(
    shop: Shop,
) -> None:
    pointer = Pointer.read(shop.place)
    assert shop.run("confirm", APP, shop.begin()) == 0
    assert shop.outcome()["outcome"] == "unchanged"
    assert Pointer.read(shop.place) == pointer
