"""What hostctl.snapshots.wheel_cache promises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from homeport.hostctl.snapshots import prune, wheel_cache
from tests.support.shop_host import Shop


@pytest.fixture
def wheels(shop: Shop) -> Path:
    """What is kept to build venvs from, and two venvs that were built from some of it."""
    cache = shop.root / "var/cache/homeport"
    for number, name in enumerate(
        ("flask-3.1.3-py3-none-any", "old_one-1.0-py3-none-any", "Zope.Thing-2.0-cp311-cp311-x")
    ):
        (cache / f"wheels/{number}").mkdir(parents=True)
        (cache / f"wheels/{number}/{name}.whl").touch()
    for venv, package in (
        ("shop/venvs/venv-v1", "flask-3.1.3"),
        ("other/venvs/x", "zope_thing-2.0"),
    ):
        site = shop.root / "srv" / venv / "lib/python3.11/site-packages"
        (site / f"{package}.dist-info").mkdir(parents=True)
    for number, name in enumerate(("0.9.0", "0.13.0")):
        (cache / "uv" / name).mkdir(parents=True)
        os.utime(cache / "uv" / name, (number, number))
    return cache


def test_wheel_cache__wheels_that_no_venv_on_the_host_was_built_from_go(
    shop: Shop, wheels: Path
) -> None:
    prune.prune(shop.place)
    assert sorted(path.name for path in (wheels / "wheels").iterdir()) == ["0", "2"]
    assert [path.name for path in (wheels / "uv").iterdir()] == ["0.13.0"]


def test_wheel_cache__what_cannot_be_told_stays(shop: Shop, wheels: Path) -> None:
    for number, names in enumerate(([], ["README"], ["a-1-x.whl", "b-1-x.whl"])):
        (wheels / f"wheels/odd{number}").mkdir()
        for name in names:
            (wheels / f"wheels/odd{number}" / name).touch()
    wheel_cache.prune(shop.place)
    assert sum("odd" in path.name for path in (wheels / "wheels").iterdir()) == 3


def test_wheel_cache__no_wheel_goes_while_anybody_deploys(shop: Shop, wheels: Path) -> None:
    shop.begin()
    assert wheel_cache.prune(shop.place) == []


def test_wheel_cache__a_host_without_wheels_is_pruned_as_well(shop: Shop) -> None:
    assert wheel_cache.prune(shop.place) == []
