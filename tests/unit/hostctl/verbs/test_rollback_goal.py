"""A rollback leads to what was good before, or to what is named, or says why it may not."""

from __future__ import annotations

import shutil

import pytest

from homeport.hostctl.slots.pointer import Pointer
from homeport.hostctl.snapshots import generations
from homeport.hostctl.system.exit_codes import PreconditionFailed
from homeport.hostctl.verbs.rollback_goal import choose
from tests.support.rolled_back_shop import gid, newer
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, OLD, Version

__all__ = ["newer"]


THIRD = Version("v3", "brisk")


@pytest.mark.parametrize("name", ["v3", "/srv/shop/releases/v3", "generation", "its beginning"])
def test_rollback_leads_to_what_is_named(newer: Shop, name: str) -> None:
    assert newer.deploy(THIRD) == 0
    newer.settle()
    assert newer.back("v2") == 0
    newer.settle()
    found = gid(newer, "v3")
    named = {"generation": found, "its beginning": found[:6]}.get(name, name)
    assert newer.back(named) == 0
    newer.settle()
    newer.whole(THIRD)


def test_rollback__a_bad_one_is_refused_with_its_reason_and_tried_if_forced(
    newer: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    newer.systemd.manners["v3"] = "crashes"
    assert newer.deploy(THIRD) == 1
    newer.settle()
    assert newer.run("rollback", APP, "v3") == 3
    output = capsys.readouterr().err
    assert "marked bad: shop-web@a.service did not stay up" in output
    assert newer.journal() is None
    del newer.systemd.manners["v3"]
    assert newer.back("v3", "--force") == 0
    newer.settle()
    newer.whole(THIRD)
    assert generations.marks(newer.place) == {}


def test_rollback__what_failed_is_passed_over(newer: Shop) -> None:
    newer.systemd.manners["v3"] = "crashes"
    assert newer.deploy(THIRD) == 1
    newer.settle()
    assert choose(newer.place, None).release == "/srv/shop/releases/v1"


def test_rollback__what_cannot_run_with_the_present_data_is_refused(shop: Shop) -> None:
    assert shop.deploy(Version("v2", data=2)) == 0
    shop.settle()
    with pytest.raises(
        PreconditionFailed, match="version 1 of the data, and shop has had version 2"
    ):
        choose(shop.place, None)
    assert shop.back("v1", "--force") == 0
    shop.settle()
    shop.whole(OLD)
    found = Pointer.read(shop.place)
    assert found is not None
    assert found.data == 2  # the data is still what it was


@pytest.mark.parametrize("name", ["v9", "gen", "..", "v1/../v2", ""])
def test_rollback__what_is_not_kept_is_refused(newer: Shop, name: str) -> None:
    with pytest.raises(PreconditionFailed):
        choose(newer.place, name or "none")


def test_rollback__what_runs_already_is_refused(newer: Shop) -> None:
    with pytest.raises(PreconditionFailed, match="runs already"):
        choose(newer.place, "v2")


def test_rollback__a_release_that_is_gone_or_has_no_venv_is_refused(newer: Shop) -> None:
    (venv,) = [path for path in newer.place.venvs.iterdir() if path.name == "venv-v1"]
    shutil.rmtree(venv)
    with pytest.raises(PreconditionFailed, match="isn't whole"):
        choose(newer.place, "v1", force=True)


def test_rollback__a_host_without_a_past_is_refused(empty: Shop) -> None:
    with pytest.raises(PreconditionFailed, match="no way back"):
        choose(empty.place, None)
