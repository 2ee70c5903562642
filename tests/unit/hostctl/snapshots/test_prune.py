"""What nobody needs goes, and what somebody may need stays: above all, what was good."""

from __future__ import annotations

import json
import os

import pytest

from homeport.hostctl.snapshots import generations, prune
from tests.support.pruned_shop import deploy, releases
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, Version


def test_prune__the_last_good_ones_stay_with_their_venvs(shop: Shop) -> None:
    deploy(shop, "v2", "v3", "v4", "v5")
    assert releases(shop) == {"v3", "v4", "v5"}
    assert {path.name for path in shop.place.venvs.iterdir()} == {"venv-v3", "venv-v4", "venv-v5"}
    assert [each.release[-2:] for each in generations.read_all(shop.place)] == ["v3", "v4", "v5"]


def test_prune__what_failed_evicts_nothing_good_and_goes_with_the_next_that_is_good(
    shop: Shop,
) -> None:
    deploy(shop, "v2", "v3", "bad1", "bad2", "bad3", "bad4", "bad5")
    assert releases(shop) == {"v1", "v2", "v3", "bad5"}
    deploy(shop, "v4")
    assert releases(shop) == {"v2", "v3", "v4"}


def test_prune__what_serves_and_what_was_before_it_stay_however_old(shop: Shop) -> None:
    deploy(shop, "v2", "v3")
    assert shop.back("v2") == 0
    shop.settle()
    spec = json.loads(shop.place.processes.read_text())
    shop.place.processes.write_text(json.dumps({**spec, "keep_releases": 1}))
    prune.prune(shop.place)
    assert releases(shop) == {"v1", "v2", "v3"}
    assert len(generations.read_all(shop.place)) == 3


def test_prune__what_a_process_still_works_in_stays(shop: Shop) -> None:
    process = prune.PROC / "77"
    process.mkdir()
    (process / "cwd").symlink_to(os.path.realpath(shop.place.releases / "v1/src"))
    deploy(shop, "v2", "v3", "v4", "v5")
    assert releases(shop) == {"v1", "v3", "v4", "v5"}
    assert (shop.place.venvs / "venv-v1").is_dir()


def test_prune__what_somebody_still_makes_stays(shop: Shop) -> None:
    (shop.place.releases / ".new").mkdir()
    deploy(shop, "v2", "v3", "v4")
    assert ".new" in releases(shop)


def test_prune__nothing_goes_while_a_deploy_is_open(shop: Shop) -> None:
    deploy(shop, "v2", "v3")
    shop.deploy(Version("v4"))
    shop.begin("d9")
    shop.settle()
    assert releases(shop) == {"v1", "v2", "v3", "v4"}


def test_prune__nothing_goes_from_a_host_that_confirmed_nothing(empty: Shop) -> None:
    (empty.place.releases / "v0").mkdir(parents=True)
    assert prune.prune(empty.place) == []
    assert releases(empty) == {"v0"}


def test_prune__the_verb_says_what_it_removed(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(shop, "v2", "v3", "v4")
    assert f"removed {shop.place.releases / 'v1'}" in capsys.readouterr().out
    assert shop.run("cleanup", APP) == 0
    assert capsys.readouterr().out == ""
