"""What hostctl.verbs.cleanup promises."""

from __future__ import annotations

from tests.support.capture import Capture
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, Version


def test_cleanup__clearing_up_leaves_an_open_deploy_alone(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    shop.begin("d3")
    before = set(shop.systemd.runs)
    shop.settle()
    assert set(shop.systemd.runs) == before
    assert shop.run("revert", APP, "d3", "it was asked for") == 0
    shop.settle()
    shop.whole(NEW)


def test_cleanup__a_slot_stands_by_for_one_that_did_not_stay_up_until_the_next_deploy(
    shop: Shop, capsys: Capture
) -> None:
    assert shop.deploy(NEW) == 0
    for verb in ("stop", "start"):
        shop.systemd.run(["systemctl", verb, "--", "shop-web@b.service"])
    shop.settle()
    assert "shop-web@b.service did not stay up, so slot a stands by" in capsys.readouterr().out
    assert {"shop-web@a.service", "shop-web@b.service"} <= shop.systemd.runs.keys()
    proxied = shop.place.proxied / "web"
    assert [str((proxied / link).readlink()) for link in ("active", "backup")] == ["b", "a"]
    assert (shop.place.releases / OLD.code).is_dir()
    third = Version("v3")
    assert shop.deploy(third) == 0
    shop.settle()
    shop.whole(third)


def test_cleanup__a_slot_that_fell_as_well_stands_by_for_nothing(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    for unit in ("shop-web@a.service", "shop-web@b.service"):
        shop.systemd.run(["systemctl", "stop", "--", unit])
    shop.settle()
    assert not (shop.place.slots / "a").exists()
