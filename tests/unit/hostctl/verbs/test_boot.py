"""After a reboot, what was confirmed serves, whatever else has happened."""

from __future__ import annotations

import shutil

import pytest

from homeport.engine.host_programs import host_program
from homeport.hostctl.system import atomic_files
from homeport.hostctl.system.exit_codes import INCOMPLETE
from tests.support.disk_faults import read_only
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW, OLD, Version


def test_boot__what_was_confirmed_serves_after_a_reboot(shop: Shop) -> None:
    shop.reboot()
    shop.settle()
    shop.whole(OLD)


def test_boot__nothing_is_waited_for_while_the_host_starts(shop: Shop) -> None:
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


def test_boot__what_a_deploy_had_enabled_does_not_start_when_that_is_reverted(shop: Shop) -> None:
    assert shop.deploy(Version("v2", singles=False)) == 0
    shop.settle()
    shop.deploy(Version("v3"), confirm=False)
    shop.reboot()
    shop.settle()
    shop.whole(Version("v2", singles=False))


def test_boot__an_application_that_cannot_be_reverted_keeps_no_other_down(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    atomic_files.folder(shop.place.state / "another")
    (shop.place.state / "another/journal").write_text('{"id": "x", "state": "armed"}\n')
    (shop.place.state / "another/snapshot").mkdir()
    (shop.place.state / "another/snapshot/index").mkdir()
    (shop.place.state / "Not An App").mkdir()
    shop.clock.reboot()
    shop.systemd.reboot()
    assert shop.run("boot") == 1
    assert "homeportctl: another: " in capsys.readouterr().err
    shop.systemd.booted()
    shutil.rmtree(shop.place.state / "another")
    shop.settle()
    shop.whole(OLD)


def test_boot__a_host_without_applications_boots(empty: Shop) -> None:
    assert empty.run("boot") == 0


def test_boot__a_host_whose_processes_run_in_no_slot_has_no_links(empty: Shop) -> None:
    assert empty.deploy(Version("v1", slots=False)) == 0
    empty.settle()
    empty.reboot()
    empty.settle()
    empty.whole(Version("v1", slots=False))
    assert not empty.place.sockets.exists()


def test_boot__a_host_whose_root_is_read_only_serves_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.deploy(NEW, confirm=False)
    shop.clock.reboot()
    shop.systemd.reboot()
    with read_only(shop.root, but=shop.root / "run"):
        assert shop.run("boot") == 1
    assert "Read-only file system" in capsys.readouterr().err
    shop.systemd.booted()
    seen = shop.serving()
    assert seen is not None
    assert seen["release"] == "v1"
    # Once it can be written again, the rest is undone.
    shop.reboot()
    shop.settle()
    shop.whole(OLD)


def test_boot__the_unit_does_not_try_again_what_is_as_far_as_it_gets() -> None:
    text = host_program("homeportctl-boot.service").decode()
    assert f"RestartPreventExitStatus={INCOMPLETE}\n" in text
