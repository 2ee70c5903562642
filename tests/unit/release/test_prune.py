"""What nobody needs goes, and what somebody may need stays: above all, what was good."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from homeport.hostctl.snapshots import generations, pins, prune
from homeport.hostctl.snapshots import wheel_cache as caches
from tests.unit.release.shop import Shop
from tests.unit.release.version import APP, Version


def releases(shop: Shop) -> set[str]:
    """Return the releases that lie there."""
    return {path.name for path in shop.place.releases.iterdir()}


def deploy(shop: Shop, *codes: str) -> None:
    """Deploy versions, one after the other; those that begin with ``bad`` fail."""
    for code in codes:
        shop.systemd.manners[code] = "crashes" if code.startswith("bad") else ""
        shop.deploy(Version(code))
        shop.settle()


def test_the_last_good_ones_stay_with_their_venvs(shop: Shop) -> None:
    deploy(shop, "v2", "v3", "v4", "v5")
    assert releases(shop) == {"v3", "v4", "v5"}
    assert {path.name for path in shop.place.venvs.iterdir()} == {"venv-v3", "venv-v4", "venv-v5"}
    assert [each.release[-2:] for each in generations.kept(shop.place)] == ["v3", "v4", "v5"]


def test_what_failed_evicts_nothing_good_and_goes_with_the_next_that_is_good(shop: Shop) -> None:
    deploy(shop, "v2", "v3", "bad1", "bad2", "bad3", "bad4", "bad5")
    assert releases(shop) == {"v1", "v2", "v3", "bad5"}
    deploy(shop, "v4")
    assert releases(shop) == {"v2", "v3", "v4"}


def test_what_serves_and_what_was_before_it_stay_however_old(shop: Shop) -> None:
    deploy(shop, "v2", "v3")
    assert shop.back("v2") == 0
    shop.settle()
    told = json.loads(shop.place.processes.read_text())
    shop.place.processes.write_text(json.dumps({**told, "keep": 1}))
    prune.prune(shop.place)
    assert releases(shop) == {"v1", "v2", "v3"}
    assert len(generations.kept(shop.place)) == 3


def test_what_is_pinned_stays(shop: Shop) -> None:
    (first,) = (each.gid for each in generations.kept(shop.place))
    for name in (first, "v2"):
        pins.add(shop.place, name)
    deploy(shop, "v2", "v3", "v4", "v5", "v6")
    assert releases(shop) == {"v1", "v2", "v4", "v5", "v6"}
    assert len(generations.kept(shop.place)) == 5


def test_what_a_process_still_works_in_stays(shop: Shop) -> None:
    process = prune.PROC / "77"
    process.mkdir()
    (process / "cwd").symlink_to(os.path.realpath(shop.place.releases / "v1/src"))
    deploy(shop, "v2", "v3", "v4", "v5")
    assert releases(shop) == {"v1", "v3", "v4", "v5"}
    assert (shop.place.venvs / "venv-v1").is_dir()


def test_what_somebody_still_makes_stays(shop: Shop) -> None:
    (shop.place.releases / ".new").mkdir()
    deploy(shop, "v2", "v3", "v4")
    assert ".new" in releases(shop)


def test_nothing_goes_while_a_deploy_is_open(shop: Shop) -> None:
    deploy(shop, "v2", "v3")
    shop.deploy(Version("v4"))
    shop.begin("d9")
    shop.settle()
    assert releases(shop) == {"v1", "v2", "v3", "v4"}


def test_nothing_goes_from_a_host_that_confirmed_nothing(empty: Shop) -> None:
    (empty.place.releases / "v0").mkdir(parents=True)
    assert prune.prune(empty.place) == []
    assert releases(empty) == {"v0"}


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


def test_wheels_that_no_venv_on_the_host_was_built_from_go(shop: Shop, wheels: Path) -> None:
    prune.prune(shop.place)
    assert sorted(path.name for path in (wheels / "wheels").iterdir()) == ["0", "2"]
    assert [path.name for path in (wheels / "uv").iterdir()] == ["0.13.0"]


def test_what_cannot_be_told_stays(shop: Shop, wheels: Path) -> None:
    for number, names in enumerate(([], ["README"], ["a-1-x.whl", "b-1-x.whl"])):
        (wheels / f"wheels/odd{number}").mkdir()
        for name in names:
            (wheels / f"wheels/odd{number}" / name).touch()
    caches.prune(shop.place)
    assert sum("odd" in path.name for path in (wheels / "wheels").iterdir()) == 3


def test_no_wheel_goes_while_anybody_deploys(shop: Shop, wheels: Path) -> None:
    shop.begin()
    assert caches.prune(shop.place) == []


def test_a_host_without_wheels_is_pruned_as_well(shop: Shop) -> None:
    assert caches.prune(shop.place) == []


def test_the_verb_says_what_it_removed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(shop, "v2", "v3", "v4")
    assert f"removed {shop.place.releases / 'v1'}" in capsys.readouterr().out
    assert shop.run("finish", APP) == 0
    assert capsys.readouterr().out == ""
