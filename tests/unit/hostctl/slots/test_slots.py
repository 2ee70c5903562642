"""A slot is a frozen copy, whole and as secret as what it was made from."""

from __future__ import annotations

import json
import os
import socket
import stat
from pathlib import Path

from homeport.hostctl.slots import slots
from homeport.hostctl.slots.app_spec import AppSpec
from homeport.hostctl.system.systemd import Systemd
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW, OLD


def test_slots__a_copy_has_the_modes_and_links_of_what_it_was_made_from(shop: Shop) -> None:
    etc = shop.place.etc
    (etc / "secrets").write_text("hush")
    (etc / "secrets").chmod(0o600)
    (etc / "config").mkdir(mode=0o750)
    (etc / "config/site.toml").symlink_to("../environment")
    (etc / ".homeport-stage").mkdir(mode=0o700)
    slots.prepare(shop.place, Systemd(shop.systemd), "b", "g1")
    copy = shop.place.slots / "b/etc"
    assert (copy / "secrets").read_text() == "hush"
    assert stat.S_IMODE((copy / "secrets").stat().st_mode) == 0o600
    assert stat.S_IMODE((copy / "config").stat().st_mode) == 0o750
    assert (copy / "config/site.toml").readlink() == (etc / "config/site.toml").readlink()
    assert not (copy / ".homeport-stage").exists()
    assert (shop.place.slots / "b/release").resolve() == shop.place.releases / "v1"
    assert not (shop.place.slots / ".new").exists()


def test_slots__a_copy_does_not_change_with_what_it_was_made_from(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    assert (shop.place.slots / "a/etc/environment").read_text() == OLD.setting
    unit = shop.root / "etc/systemd/system/shop-web@a.service"
    assert unit.read_text() == "web of v1"


def test_slot_that_cannot_be_read_runs_nothing(shop: Shop) -> None:
    (shop.place.slots / "a/etc/processes.json").write_text('{"version": 1}')
    assert slots.slot_spec(shop.place, "a") == AppSpec()


def test_slots__a_link_that_a_process_outside_slots_made_is_its_own(shop: Shop) -> None:
    api = {"unit": "shop-api.service", "link": "/run/homeport-sockets/shop/api.sock"}
    api |= {"proxied": "/run/homeport-proxy/shop/api"}
    spec = json.loads(shop.place.processes.read_text())
    spec["singles"]["api"] = {**api, "ready": False, "deadline": 5, "successes": 1}
    shop.place.processes.write_text(json.dumps(spec))
    for name in ("api.sock", "gone.sock"):
        (shop.place.sockets / name).symlink_to("/run/shop-api/api.sock")
    for name in ("api", "gone"):
        (shop.place.proxied / name / "lone").mkdir(parents=True)
    slots.unlink(shop.place, AppSpec.read(shop.place.processes))
    left = {path.name for path in shop.place.sockets.iterdir()}
    assert left >= {"api.sock", "web.sock"}
    assert "gone.sock" not in left
    assert {path.name for path in shop.place.proxied.iterdir()} == {"api", "web"}


def test_a_socket_is_opened_to_all_who_get_there_and_a_link_in_its_place_is_not_followed(
    shop: Shop, tmp_path: Path
) -> None:
    runs, at = AppSpec.read(shop.place.processes), shop.place.at("/run/shop-web-b/web.sock")
    at.parent.mkdir(parents=True, exist_ok=True)
    slots.unlock(shop.place, runs, "b")
    shadow = tmp_path / "shadow"
    shadow.touch(mode=0o600)
    at.unlink(missing_ok=True)
    at.symlink_to(shadow)
    slots.unlock(shop.place, runs, "b")
    assert stat.S_IMODE(shadow.stat().st_mode) == 0o600
    at.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        # The path of a socket has 107 bytes at most.
        opened = os.open(at.parent, os.O_PATH)
        listening.bind(f"/proc/self/fd/{opened}/web.sock")
        os.close(opened)
        at.chmod(0o600)
        slots.unlock(shop.place, runs, "b")
        assert stat.S_IMODE(at.stat().st_mode) == 0o666
