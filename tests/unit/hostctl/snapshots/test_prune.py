"""What nobody needs goes, and what somebody may need stays: above all, what was good."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from homeport.hostctl.snapshots import generations, in_use, prune
from homeport.hostctl.system import atomic_files
from tests.support.pruned_shop import deploy, releases
from tests.support.rolled_back_shop import gid
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, OLD, Version


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


def test_prune__a_mark_goes_with_its_generation_and_of_others_the_last_stays(shop: Shop) -> None:
    there = gid(shop, "v1")
    for name, reason in ((there, "first"), ("0123456789ab", "gone"), (there, "last")):
        generations.mark_bad(shop.place, name, "/srv/shop/releases/v1", reason, "now")
    prune.prune(shop.place)
    (line,) = atomic_files.records(shop.place.bad)
    assert (line["generation"], line["reason"]) == (there, "last")
    before = shop.place.bad.stat()
    prune.prune(shop.place)
    assert shop.place.bad.stat() == before


def test_prune__what_serves_and_what_was_before_it_stay_however_old(shop: Shop) -> None:
    deploy(shop, "v2", "v3")
    assert shop.back("v2") == 0
    shop.settle()
    spec = json.loads(shop.place.processes.read_text())
    shop.place.processes.write_text(json.dumps({**spec, "keep_releases": 1}))
    prune.prune(shop.place)
    assert releases(shop) == {"v1", "v2", "v3"}
    assert len(generations.read_all(shop.place)) == 3


@pytest.mark.parametrize("way", ["cwd", "root", "exe", "fd/7", "maps", "cgroup"])
def test_prune__what_a_process_still_uses_stays(shop: Shop, way: str) -> None:
    process, used = in_use.PROC / "77", os.path.realpath(shop.place.releases / "v1/src")
    (process / "fd").mkdir(parents=True)
    if way == "maps":
        (process / "maps").write_text(f"7f00-7f01 r-xp 00000000 08:01 42    {used}/fast.so\n")
    elif way == "cgroup":
        (process / "cgroup").write_text("0::/system.slice/shop-tidy.service\n")
        record = shop.root / "run/homeport/shop-tidy.service"
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text("invocation x\ntarget /srv/shop/releases/v1 /srv/shop/current\n")
    else:
        (process / way).symlink_to(used)
    deploy(shop, "v2", "v3", "v4", "v5")
    assert releases(shop) == {"v1", "v3", "v4", "v5"}
    assert (shop.place.venvs / "venv-v1").is_dir()


def test_prune__what_a_unit_without_processes_was_started_from_goes(shop: Shop) -> None:
    record = shop.root / "run/homeport/shop-tidy.service"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text("invocation x\ntarget /srv/shop/releases/v1 /srv/shop/current\n")
    deploy(shop, "v2", "v3", "v4", "v5")
    assert releases(shop) == {"v3", "v4", "v5"}


def test_prune__what_a_deploy_that_is_open_makes_stays(shop: Shop) -> None:
    name = shop.begin()
    (shop.place.releases / ".new").mkdir()
    assert shop.run("cleanup", APP) == 0
    assert ".new" in releases(shop)
    assert shop.run("revert", APP, name, "it was asked for") == 0


@pytest.mark.parametrize("left", [".new", ".old", ".v0.gone", ".0123456789ab.gone"])
@pytest.mark.parametrize("where", ["generations", "releases", "venvs", "slots"])
def test_prune__what_was_being_made_or_removed_when_the_power_was_cut_is_swept(
    shop: Shop, where: str, left: str
) -> None:
    path = getattr(shop.place, where) / left
    shutil.copytree(shop.place.generations / gid(shop, "v1"), path)
    assert [each.release[-2:] for each in generations.read_all(shop.place)] == ["v1"]
    assert shop.run("pin", APP, left) == 3
    assert shop.run("cleanup", APP) == 0
    assert not path.exists()
    shop.whole(OLD)


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
