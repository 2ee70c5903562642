"""After a reboot, what was confirmed serves, whatever else has happened."""

from __future__ import annotations

import shutil

import pytest

from homeport.hostctl.system import atomic_files as durable
from tests.unit.release.shop import Shop
from tests.unit.release.version import APP, NEW, OLD, Version


def test_what_was_confirmed_serves_after_a_reboot(shop: Shop) -> None:
    shop.reboot()
    shop.settle()
    shop.whole(OLD)


def test_nothing_is_waited_for_while_the_host_starts(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    shop.clock.reboot()
    shop.systemd.reboot()
    shop.systemd.ran.clear()
    before = shop.clock.mono()
    assert shop.run("boot") == 0
    starts = [argv for argv in shop.systemd.ran if argv[:2] == ["systemctl", "start"]]
    assert starts
    assert all("--no-block" in argv for argv in starts)
    assert shop.clock.mono() == before


def test_what_a_deploy_had_enabled_does_not_start_when_that_is_reverted(shop: Shop) -> None:
    assert shop.deploy(Version("v2", singles=False)) == 0
    shop.settle()
    shop.deploy(Version("v3"), confirm=False)
    shop.reboot()
    shop.settle()
    shop.whole(Version("v2", singles=False))


def test_an_application_that_cannot_be_reverted_keeps_no_other_down(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    durable.folder(shop.place.state / "another")
    (shop.place.state / "another/deploy").write_text('{"id": "x", "state": "armed"}\n')
    (shop.place.state / "another/before").mkdir()
    (shop.place.state / "another/before/index").mkdir()
    (shop.place.state / "Not An App").mkdir()
    shop.clock.reboot()
    shop.systemd.reboot()
    assert shop.run("boot") == 1
    assert "homeport: another: " in capsys.readouterr().err
    shop.systemd.booted()
    shutil.rmtree(shop.place.state / "another")
    shop.settle()
    shop.whole(OLD)


def test_a_host_without_applications_boots(empty: Shop) -> None:
    assert empty.run("boot") == 0


def test_a_host_whose_processes_run_in_no_slot_has_no_links(empty: Shop) -> None:
    assert empty.deploy(Version("v1", slots=False)) == 0
    empty.settle()
    empty.reboot()
    empty.settle()
    empty.whole(Version("v1", slots=False))
    assert not empty.place.sockets.exists()


def test_clearing_up_leaves_an_open_deploy_alone(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    shop.begin("d3")
    before = set(shop.systemd.runs)
    shop.settle()
    assert set(shop.systemd.runs) == before
    assert shop.run("revert", APP, "d3", "it was asked for") == 0
    shop.settle()
    shop.whole(NEW)
