"""What hostctl.verbs.reversion promises."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from homeport.engine import host_hints
from homeport.hostctl.snapshots import generations
from homeport.hostctl.system.exit_codes import ALREADY_CONFIRMED
from homeport.hostctl.system.systemd import UnitFailed
from homeport.hostctl.transaction import history
from homeport.hostctl.verbs.app_context import AppContext
from homeport.hostctl.verbs.reversion import Reversion
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, WORKER, Version

RELOAD = ["systemctl", "reload", "--", "nginx.service"]


def test_reversion__a_deploy_that_fails_before_it_is_activated_restarts_nothing(shop: Shop) -> None:
    before = {unit: run.invocation for unit, run in shop.systemd.runs.items()}
    name = shop.begin()
    shop.write(name, NEW)
    assert shop.run("revert", APP, name, "a check failed") == 0
    shop.settle()
    shop.whole(OLD)
    assert {unit: run.invocation for unit, run in shop.systemd.runs.items()} == before
    assert generations.marks(shop.place) == {}
    assert shop.outcome()["reason"] == "a check failed"


def test_reversion__what_started_anew_by_itself_meanwhile_starts_from_the_old_files_again(
    shop: Shop,
) -> None:
    name = shop.begin()
    shop.write(name, NEW)
    shop.clock.passed += 1
    shop.systemd.run(["systemctl", "stop", "--", WORKER])
    shop.systemd.run(["systemctl", "start", "--", WORKER])
    assert shop.systemd.runs[WORKER].read["environment"] == "keen"
    assert shop.run("revert", APP, name, "it was asked for") == 0
    shop.settle()
    shop.whole(OLD)


def test_reversion__an_old_slot_that_died_meanwhile_is_started_and_judged_before_it_serves(
    shop: Shop,
) -> None:
    shop.ship(NEW)
    name = shop.begin()
    shop.write(name, NEW)
    assert shop.activate(name, NEW) == 0
    shop.systemd.run(["systemctl", "stop", "--", "shop-web@a.service"])
    assert shop.run("revert", APP, name, "it can't be reached") == 0
    assert shop.serving() == {"release": "v1", "environment": "calm", "text": "web of v1"}
    shop.settle()
    shop.whole(OLD)


def test_an_old_release_that_is_not_well_either_serves_all_the_same_and_that_is_said(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.deploy(NEW, confirm=False)
    shop.systemd.run(["systemctl", "stop", "--", "shop-web@a.service"])
    shop.systemd.manners["v1"] = "deaf"
    assert shop.run("revert", APP, "d2", "it can't be reached") == 0
    assert "shop-web@a.service did not get ready" in capsys.readouterr().err
    shop.settle()
    shop.whole(OLD)


def test_reversion__going_back_twice_is_going_back_once(shop: Shop) -> None:
    name = shop.begin()
    shop.write(name, NEW)
    assert [shop.run("revert", APP, name, "twice") for _ in range(2)] == [0, 0]
    assert [line["id"] for line in history.read(shop.place)] == ["d1", name]


def test_reversion__what_is_confirmed_is_not_reverted(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    assert shop.run("revert", APP, "d2", "too late") == ALREADY_CONFIRMED
    shop.settle()
    shop.whole(NEW)


def test_reversion__a_host_without_room_for_its_files_is_left_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("homeport.hostctl.slots.slots._build", full)
        assert shop.deploy(NEW) == 1
    shop.settle()
    shop.whole(OLD)
    assert "No space left" in capsys.readouterr().err
    assert generations.marks(shop.place) == {}  # it is not the release's fault


def test_reversion__nginx_reads_its_files_again_if_one_of_them_was_put_back(shop: Shop) -> None:
    site = "/etc/nginx/conf.d/homeport-shop.conf"
    shop.place.at(site).parent.mkdir(parents=True)
    shop.place.at(site).write_text("before")
    (shop.root / "etc/systemd/system/nginx.service").touch()
    shop.systemd.run(["systemctl", "start", "--", "nginx.service"])
    name = shop.begin()
    assert shop.run("snapshot", APP, name, site) == 0
    shop.place.at(site).write_text("after")
    assert shop.run("revert", APP, name, "it was asked for") == 0
    assert shop.place.at(site).read_text() == "before"
    assert ["nginx", "-t"] in shop.systemd.ran
    assert shop.systemd.ran.count(RELOAD) == 1


def test_reversion__what_an_application_logs_meanwhile_is_set_off_from_what_is_ours() -> None:
    reversion = Reversion.__new__(Reversion)
    reversion.complaints = []

    def work() -> None:
        raise UnitFailed(
            "web did not start", ["homeportctl: it is well", "No space left on device"]
        )

    reversion._try(work)
    ours, *theirs = reversion.complaints
    assert ours == "web did not start"
    assert theirs == ["  homeportctl: it is well", "  No space left on device"]
    assert host_hints.explain(reversion.complaints) is None


@pytest.fixture
def unchanged_site(shop: Shop) -> Shop:
    """A shop with a proxy, and a generation to go back to that has the same site."""
    site = shop.place.at("/etc/nginx/conf.d/homeport-shop.conf")
    site.parent.mkdir(parents=True)
    site.write_text("the same")
    (shop.place.own / "proxy").write_text("version 1\n/etc/nginx/conf.d/homeport-shop.conf\n")
    for version in (NEW, Version("v3")):
        assert shop.deploy(version) == 0
        shop.settle()
    (shop.root / "etc/systemd/system/nginx.service").touch()
    shop.systemd.run(["systemctl", "start", "--", "nginx.service"])
    shop.systemd.manners["v2"] = "deaf"
    return shop


def test_reversion__a_rollback_that_left_the_site_as_it_was_has_nginx_read_nothing_again(
    unchanged_site: Shop,
) -> None:
    assert unchanged_site.back() == 1
    unchanged_site.settle()
    assert (unchanged_site.serving() or {})["release"] == "v3"
    assert RELOAD not in unchanged_site.systemd.ran


def test_reversion__nginx_reads_its_files_again_if_a_reversion_was_cut_off_before_it_could(
    unchanged_site: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(AppContext, "proxy", Mock(side_effect=[None, KeyboardInterrupt]))
        with pytest.raises(KeyboardInterrupt):
            unchanged_site.back()
    assert (journal := unchanged_site.journal())
    assert unchanged_site.run("revert", APP, journal.id, "it was cut off") == 0
    unchanged_site.settle()
    assert (unchanged_site.serving() or {})["release"] == "v3"
    assert unchanged_site.systemd.ran.count(RELOAD) == 1
