"""What hostctl.verbs.activation promises."""

from __future__ import annotations

import json
import shutil

import pytest

from homeport.hostctl.slots.pointer import Pointer
from homeport.hostctl.snapshots import generations
from homeport.hostctl.verbs.transitions import DETACHED
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, TIMER, Version

THIRD = Version("v3", "brisk")


def invocation(shop: Shop, unit: str) -> str:
    """Return which start of a unit runs."""
    return shop.systemd.runs[unit].invocation


@pytest.mark.parametrize(("soak", "waited"), [(0, True), (2, False)])
def test_a_process_that_nobody_can_ask_has_a_second_of_its_own_unless_it_is_watched_longer(
    shop: Shop, soak: int, waited: bool
) -> None:
    assert shop.deploy(Version("v2", slots=False, soak=soak)) == 0
    assert (shop.outcome()["stages"]["restarted"] >= 1) == waited


def test_activation__a_release_that_takes_its_time_is_waited_for(shop: Shop) -> None:
    shop.systemd.manners["v2"] = "late"
    assert shop.deploy(NEW) == 0


def test_activation__a_first_deploy_that_fails_leaves_nothing_running(empty: Shop) -> None:
    empty.systemd.manners["v1"] = "falls"
    assert empty.deploy(OLD) == 1
    empty.settle()
    empty.whole(None)
    assert not empty.place.active.exists()


def test_activation__what_runs_once_has_run_before_anything_is_stopped(shop: Shop) -> None:
    shop.systemd.ran.clear()
    assert shop.deploy(Version("v2", once="shop-once")) == 0
    commands = [" ".join(argv) for argv in shop.systemd.ran]
    assert commands.index("systemctl start -- shop-once.service") < commands.index(
        "systemctl stop -- shop-worker.service shop-tidy.timer"
    )


def test_activation__what_runs_once_and_fails_stops_nothing(shop: Shop) -> None:
    shop.systemd.manners["v2"] = "fails once"
    before = dict(shop.systemd.runs)
    assert shop.deploy(Version("v2", once="shop-once")) == 1
    assert {unit: run.invocation for unit, run in shop.systemd.runs.items()} == {
        unit: run.invocation for unit, run in before.items()
    }


def test_activation__a_deploy_is_activated_once(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    assert shop.activate("d2", NEW) == 3


@pytest.mark.parametrize("stdin", ["", "[]", "{}", json.dumps({"slots": True})])
def test_activation_that_does_not_say_what_to_do_is_not_understood(shop: Shop, stdin: str) -> None:
    name = shop.begin()
    assert shop.run("activate", APP, name, DETACHED, says=stdin) == 2


def test_activation__a_slot_whose_files_did_not_change_serves_on(shop: Shop) -> None:
    before = invocation(shop, "shop-web@a.service")
    name = shop.begin()
    shop.write(name, Version("v1", "keen"))
    request = {"slots": False, "restart": [TIMER], "enable": [], "stop": [], "once": []}
    assert shop.run("activate", APP, name, DETACHED, says=json.dumps(request)) == 0
    assert shop.run("confirm", APP, name) == 0
    shop.settle()
    assert invocation(shop, "shop-web@a.service") == before
    found = Pointer.read(shop.place)
    assert found is not None
    assert (found.slot, found.generation) == ("a", shop.outcome()["generation"])


def test_activation__a_slot_that_still_ends_what_it_began_is_waited_for_and_made_anew(
    shop: Shop,
) -> None:
    assert shop.deploy(NEW) == 0
    assert shop.deploy(THIRD) == 0  # nobody has cleared up after the one before
    shop.settle()
    shop.whole(THIRD)


@pytest.mark.parametrize("lost", ["releases/v2", "venvs/venv-v2"])
def test_activation__a_release_that_was_pruned_since_the_plan_is_no_mark_against_it(
    shop: Shop, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.ship(NEW)
    name = shop.begin()
    shop.write(name, NEW)
    shutil.rmtree(shop.place.srv / lost)
    assert shop.activate(name, NEW) == 1
    shop.settle()
    shop.whole(OLD)
    assert generations.marks(shop.place) == {}
    assert "is not there any more. Fix: deploy again" in capsys.readouterr().err
    if lost.startswith("releases"):
        shutil.rmtree(shop.place.venvs / "venv-v2")
    shutil.rmtree(shop.place.releases / "v2", ignore_errors=True)
    assert shop.deploy(NEW) == 0
    shop.settle()
    shop.whole(NEW)
