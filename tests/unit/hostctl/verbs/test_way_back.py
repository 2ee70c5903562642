"""What is gone back to is put back whole, file by file, and serves at once where it still runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.snapshots.images import Image
from tests.support.rolled_back_shop import newer
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW, OLD, Version

__all__ = ["newer"]


THIRD = Version("v3", "brisk")


def test_rollback__a_slot_that_still_runs_serves_before_anything_is_written(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    before = shop.systemd.runs["shop-web@a.service"].invocation
    shop.systemd.ran.clear()
    link, seen = shop.root / "run/homeport-sockets/shop/web.sock", []
    shop.systemd.step = lambda command: seen.append((command, link.readlink().parent.name))
    assert shop.back() == 0
    switched = next(number for number, (_, slot) in enumerate(seen) if slot.endswith("-a"))
    assert not any("daemon-reload" in command for command, _ in seen[:switched])
    assert shop.systemd.runs["shop-web@a.service"].invocation == before
    shop.settle()
    shop.whole(OLD)


def test_rollback__files_that_joined_since_leave(shop: Shop) -> None:
    assert shop.deploy(Version("v2", once="shop-once")) == 0
    shop.settle()
    assert shop.back() == 0
    shop.settle()
    shop.whole(OLD)
    assert not shop.place.at("/etc/systemd/system/shop-once.service").exists()


def test_rollback__processes_that_come_and_go_between_slots_and_none_go_back_as_well(
    shop: Shop,
) -> None:
    alone = Version("v2", slots=False)
    assert shop.deploy(alone) == 0
    shop.settle()
    shop.whole(alone)
    assert shop.back() == 0
    shop.settle()
    shop.whole(OLD)


def test_rollback__nginx_reads_its_files_again_if_a_rollback_changed_one(newer: Shop) -> None:
    site = newer.place.at("/etc/nginx/conf.d/homeport-shop.conf")
    site.parent.mkdir(parents=True)
    for text in ("first", "second"):
        site.write_text(text)
        ledger: Path = newer.place.own / "proxy"
        ledger.write_text("version 1\n/etc/nginx/conf.d/homeport-shop.conf\n")
        assert newer.deploy(Version("v2", text)) == 0
        newer.settle()
    (newer.root / "etc/systemd/system/nginx.service").touch()
    newer.systemd.run(["systemctl", "start", "--", "nginx.service"])
    assert newer.back() == 0
    assert site.read_text() == "first"
    assert ["systemctl", "reload", "--", "nginx.service"] in newer.systemd.ran


def test_rollback__a_slot_that_still_runs_with_a_secret_that_has_changed_serves_no_more(
    empty: Shop,
) -> None:
    for version in (OLD, NEW):
        assert empty.deploy(replace(version, secret=f"secret-of-{version.code}")) == 0
    before = empty.systemd.runs["shop-web@a.service"].invocation
    assert empty.back() == 0
    assert empty.systemd.runs["shop-web@a.service"].invocation != before
    empty.settle()
    empty.whole(replace(OLD, secret="secret-of-v2"))


def test_rollback__what_is_not_as_it_was_kept_after_it_was_put_back_is_undone(
    newer: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_back = snapshot.put_back

    def forgetful(images: Sequence[Image], *rest: Any) -> list[str]:
        return put_back([each for each in images if "environment" not in each.path], *rest)

    with monkeypatch.context() as patch:
        patch.setattr("homeport.hostctl.verbs.way_back.snapshot.put_back", forgetful)
        assert newer.back() != 0
    assert "/etc/homeport/shop/environment" in capsys.readouterr().err
    newer.settle()
    assert newer.serving()["release"] == "v2"  # type: ignore[index] # something serves
    assert newer.outcome()["outcome"] != "confirmed"
