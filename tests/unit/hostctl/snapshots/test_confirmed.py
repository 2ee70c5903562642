"""What lies there is compared with what was confirmed, path by path."""

from __future__ import annotations

import shutil

from homeport.hostctl.snapshots import confirmed
from tests.support.shop_host import Shop
from tests.support.shop_versions import Version


def found(shop: Shop) -> list[str]:
    return list(confirmed.differences(shop.place))


def test_confirmed__nothing_differs_on_a_host_that_is_well(shop: Shop) -> None:
    assert found(shop) == []


def test_confirmed__nothing_differs_where_nothing_was_confirmed(empty: Shop) -> None:
    assert found(empty) == []


def test_confirmed__nothing_differs_where_no_process_runs_in_a_slot(empty: Shop) -> None:
    assert empty.deploy(Version("v1", slots=False)) == 0
    empty.settle()
    assert found(empty) == []


def test_confirmed__a_file_a_copy_of_it_and_a_unit_of_a_slot_are_named(shop: Shop) -> None:
    for path in ("etc/homeport/shop/environment", "srv/shop/slots/a/etc/processes.json"):
        (shop.root / path).write_text("{}")
        assert any(line.startswith(f"/{path} ") for line in found(shop))
    (shop.place.units / "shop-web@a.service").unlink()
    (shop.root / "etc/homeport/shop/environment").unlink()
    assert any(line.startswith("/etc/homeport/shop/environment ") for line in found(shop))


def test_confirmed__a_release_that_is_gone_and_a_link_to_another_are_named(shop: Shop) -> None:
    shop.place.current.unlink()
    shop.place.current.symlink_to("/srv/shop/releases/v0")
    assert found(shop) == ["/srv/shop/current isn't /srv/shop/releases/v1"]
    shutil.rmtree(shop.place.venvs / "venv-v1")
    assert "/srv/shop/releases/v1/venv isn't there" in found(shop)
    shutil.rmtree(shop.place.releases / "v1")
    assert "/srv/shop/releases/v1 isn't there" in found(shop)


def test_confirmed__a_generation_that_is_gone_is_named(shop: Shop) -> None:
    shutil.rmtree(shop.place.generations)
    (line,) = found(shop)
    assert "isn't there, or can't be read" in line


def test_confirmed__a_pointer_that_can_not_be_told_is_no_ones_to_compare(shop: Shop) -> None:
    shop.place.active.write_text("rotten")
    shop.place.last_journal.unlink()
    assert found(shop) == []
