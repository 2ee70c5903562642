"""What a process uses is known by all that it holds of it."""

from __future__ import annotations

from homeport.hostctl.snapshots import in_use
from tests.support.shop_host import Shop


def test_in_use__what_can_not_be_read_is_no_use(shop: Shop) -> None:
    (in_use.PROC / "78").mkdir()
    (in_use.PROC / "self").mkdir()
    assert in_use.in_use(shop.place, shop.place.releases) == set()


def test_in_use__a_venv_that_a_unit_was_started_from_is_told_by_its_relative_link(
    shop: Shop,
) -> None:
    (in_use.PROC / "77").mkdir()
    (in_use.PROC / "77/cgroup").write_text("0::/system.slice/shop-worker.service\n")
    record = shop.root / "run/homeport/shop-worker.service"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text("target ../../venvs/venv-v1 /srv/shop/releases/v1/venv\n")
    assert in_use.in_use(shop.place, shop.place.venvs) == {"venv-v1"}


def test_in_use__another_folder_of_a_like_name_is_not_in_use(shop: Shop) -> None:
    (in_use.PROC / "77").mkdir()
    (in_use.PROC / "77/cwd").symlink_to(f"{shop.place.releases}-of-old/v1")
    assert in_use.in_use(shop.place, shop.place.releases) == set()
