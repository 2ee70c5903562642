"""Of a secret that was replaced nothing is left in what the host keeps, or it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.hostctl.snapshots import generations
from homeport.hostctl.snapshots.scrub import former, holding, scrub
from tests.support.shop_host import Shop
from tests.support.shop_versions import Version

OLD, NEW = "an-old-secret-value", "a-new-secret-value"


@pytest.fixture
def shop(empty: Shop) -> Shop:
    assert empty.deploy(Version("v1", secret=OLD)) == 0
    empty.settle()
    return empty


def test_scrub__former_values_are_those_of_generations_and_slots(shop: Shop) -> None:
    assert former(shop.place, "TOKEN", NEW) == {OLD}
    assert former(shop.place, "TOKEN", OLD) == set()
    (gid,) = generations.names(shop.place)
    generations.remove(shop.place, gid)
    assert former(shop.place, "TOKEN", NEW) == {OLD}


def test_scrub__a_generation_holds_the_new_value_afterwards(shop: Shop) -> None:
    assert scrub(shop.place, "TOKEN", NEW) == []
    assert not any(path.is_relative_to(shop.place.own) for path in holding(shop.place, [OLD]))
    assert scrub(shop.place, "TOKEN", NEW) == []


def test_scrub__each_private_file_with_a_value_is_found_and_no_link_is_followed(
    shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "theirs").write_text(OLD)
    (shop.place.etc / "link").symlink_to(tmp_path / "theirs")
    public, private = shop.place.etc / "public", shop.place.etc / "private"
    for path, mode in ((public, 0o644), (private, 0o640)):
        path.write_text(f"x{OLD}y")
        path.chmod(mode)
    found = {path for path in holding(shop.place, [OLD]) if path.parent == shop.place.etc}
    assert private in found
    assert found.isdisjoint({public, shop.place.etc / "link"})
    assert list(holding(shop.place, ["short"])) == []
