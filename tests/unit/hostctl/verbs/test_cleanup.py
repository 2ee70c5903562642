"""What hostctl.verbs.cleanup promises."""

from __future__ import annotations

from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW


def test_cleanup__clearing_up_leaves_an_open_deploy_alone(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    shop.begin("d3")
    before = set(shop.systemd.runs)
    shop.settle()
    assert set(shop.systemd.runs) == before
    assert shop.run("revert", APP, "d3", "it was asked for") == 0
    shop.settle()
    shop.whole(NEW)
