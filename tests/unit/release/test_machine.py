"""What becomes of a deploy: it is switched to and confirmed, or all is as it was."""

from __future__ import annotations

import json
import os

import pytest

from homeport.hostctl.slots.slots import Pointer
from homeport.hostctl.snapshots import generations
from homeport.hostctl.system.exit_codes import ALREADY_CONFIRMED
from homeport.hostctl.transaction import history
from homeport.hostctl.transaction.states import ENDS, SUCCESSORS
from homeport.hostctl.verbs import transitions
from homeport.hostctl.verbs.app_context import speak
from homeport.hostctl.verbs.transitions import HERE
from tests.unit.release.shop import Shop
from tests.unit.release.version import APP, NEW, OLD, TIMER, WORKER, Version

THIRD = Version("v3", "brisk")


def slots(shop: Shop) -> set[str]:
    """Return the units of slots that run."""
    return {unit for unit in shop.systemd.runs if "@" in unit}


def invocation(shop: Shop, unit: str) -> str:
    """Return which start of a unit runs."""
    return shop.systemd.runs[unit].invocation


def test_a_deploy_that_is_confirmed_serves_and_the_old_slot_stops_later(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    assert slots(shop) == {"shop-web@a.service", "shop-web@b.service"}
    assert shop.serving() == {"release": "v2", "environment": "keen", "text": "web of v2"}
    shop.settle()
    shop.whole(NEW)
    told = shop.outcome()
    assert [told[name] for name in ("id", "outcome", "who", "what")] == [
        "d2", "confirmed", "eve@desk", "deploy",
    ]  # fmt: skip
    assert told["from"] == history.read(shop.place)[0]["generation"] != told["generation"]
    stages = ["writing", "activating", "started", "ready", "restarted", "switched", "soaked"]
    assert list(told["stages"]) == sorted([*stages, "confirmed"])


@pytest.mark.parametrize("manner", ["crashes", "deaf", "falls", "hurts"])
def test_a_release_that_is_not_well_is_reverted_and_marked_bad_with_its_reason(
    shop: Shop, manner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.systemd.manners["v2"] = manner
    assert shop.deploy(NEW) == 1
    shop.settle()
    shop.whole(OLD)
    assert "has said this" in capsys.readouterr().err
    (mark,) = generations.marks(shop.place).values()
    assert mark["reason"] == shop.outcome()["reason"] != ""
    assert [shop.outcome()[name] for name in ("outcome", "release")] == [
        "reverted", "/srv/shop/releases/v2",
    ]  # fmt: skip


def test_what_is_well_after_all_is_no_longer_marked_bad(shop: Shop) -> None:
    shop.systemd.manners["v2"] = "crashes"
    assert shop.deploy(NEW) == 1
    del shop.systemd.manners["v2"]
    assert shop.deploy(NEW) == 0
    assert generations.marks(shop.place) == {}


@pytest.mark.parametrize(("soak", "waited"), [(0, True), (2, False)])
def test_a_process_that_nobody_can_ask_has_a_second_of_its_own_unless_it_is_watched_longer(
    shop: Shop, soak: int, waited: bool
) -> None:
    assert shop.deploy(Version("v2", slots=False, soak=soak)) == 0
    assert (shop.outcome()["stages"]["restarted"] >= 1) == waited


def test_a_release_that_takes_its_time_is_waited_for(shop: Shop) -> None:
    shop.systemd.manners["v2"] = "late"
    assert shop.deploy(NEW) == 0


def test_a_first_deploy_that_fails_leaves_nothing_running(empty: Shop) -> None:
    empty.systemd.manners["v1"] = "falls"
    assert empty.deploy(OLD) == 1
    empty.settle()
    empty.whole(None)
    assert not empty.place.active.exists()


def test_what_runs_once_has_run_before_anything_is_stopped(shop: Shop) -> None:
    shop.systemd.ran.clear()
    assert shop.deploy(Version("v2", once="shop-once")) == 0
    said = [" ".join(argv) for argv in shop.systemd.ran]
    assert said.index("systemctl start -- shop-once.service") < said.index(
        "systemctl stop -- shop-worker.service shop-tidy.timer"
    )


def test_what_runs_once_and_fails_stops_nothing(shop: Shop) -> None:
    shop.systemd.manners["v2"] = "fails once"
    before = dict(shop.systemd.runs)
    assert shop.deploy(Version("v2", once="shop-once")) == 1
    assert {unit: run.invocation for unit, run in shop.systemd.runs.items()} == {
        unit: run.invocation for unit, run in before.items()
    }


def test_a_deploy_that_fails_before_it_is_activated_restarts_nothing(shop: Shop) -> None:
    before = {unit: run.invocation for unit, run in shop.systemd.runs.items()}
    name = shop.begin()
    shop.write(name, NEW)
    assert shop.run("revert", APP, name, "a check failed") == 0
    shop.settle()
    shop.whole(OLD)
    assert {unit: run.invocation for unit, run in shop.systemd.runs.items()} == before
    assert generations.marks(shop.place) == {}
    assert shop.outcome()["reason"] == "a check failed"


def test_what_started_anew_by_itself_meanwhile_starts_from_the_old_files_again(shop: Shop) -> None:
    name = shop.begin()
    shop.write(name, NEW)
    shop.clock.passed += 1
    shop.systemd.run(["systemctl", "stop", "--", WORKER])
    shop.systemd.run(["systemctl", "start", "--", WORKER])
    assert shop.systemd.runs[WORKER].read["environment"] == "keen"
    assert shop.run("revert", APP, name, "it was asked for") == 0
    shop.settle()
    shop.whole(OLD)


def test_an_old_slot_that_died_meanwhile_is_started_and_judged_before_it_serves(shop: Shop) -> None:
    shop.ship(NEW)
    name = shop.begin()
    shop.write(name, NEW)
    assert shop.activate(name, NEW) == 0
    shop.systemd.run(["systemctl", "stop", "--", "shop-web@a.service"])
    assert shop.run("revert", APP, name, "it can't be reached") == 0
    assert shop.serving() == {"release": "v1", "environment": "calm", "text": "web of v1"}
    shop.settle()
    shop.whole(OLD)


def test_an_old_release_that_is_not_well_either_serves_all_the_same_and_that_is_said(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.deploy(NEW, confirm=False)
    shop.systemd.run(["systemctl", "stop", "--", "shop-web@a.service"])
    shop.systemd.manners["v1"] = "deaf"
    assert shop.run("revert", APP, "d2", "it can't be reached") == 0
    assert "shop-web@a.service did not get ready" in capsys.readouterr().err
    shop.settle()
    shop.whole(OLD)


def test_work_goes_on_when_nobody_listens_any_more() -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as gone:  # noqa: PTH123 - it has no path
        speak("the first line", gone)
        speak("the second line", gone)


def test_going_back_twice_is_going_back_once(shop: Shop) -> None:
    name = shop.begin()
    shop.write(name, NEW)
    assert [shop.run("revert", APP, name, "twice") for _ in range(2)] == [0, 0]
    assert [line["id"] for line in history.read(shop.place)] == ["d1", name]


def test_a_confirmation_whose_answer_was_lost_may_be_asked_for_again(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    assert shop.run("confirm", APP, "d2") == 0
    assert len(history.read(shop.place)) == 2


def test_what_was_reverted_is_not_confirmed(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    transitions.revert(shop.host(), shop.place, "its connection was gone")
    assert shop.run("confirm", APP, "d2") == 4


def test_what_is_confirmed_is_not_reverted(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    assert shop.run("revert", APP, "d2", "too late") == ALREADY_CONFIRMED
    shop.settle()
    shop.whole(NEW)


def test_what_fell_between_its_soak_and_its_confirmation_is_not_confirmed(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    shop.systemd.run(["systemctl", "stop", "--", "shop-web@b.service"])
    assert shop.run("confirm", APP, "d2") == 4
    shop.settle()
    shop.whole(OLD)


def test_what_nobody_could_confirm_is_marked_bad_if_that_is_said(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    assert shop.run("revert", APP, "d2", "no new connection") == 0
    assert [mark["reason"] for mark in generations.marks(shop.place).values()] == [
        "no new connection"
    ]


def test_a_lost_connection_speaks_of_no_release(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    transitions.revert(shop.host(), shop.place, "its connection was gone")
    assert generations.marks(shop.place) == {}


@pytest.mark.parametrize("words", [("activate", APP, "other", HERE), ("confirm", APP, "other")])
def test_a_deploy_that_is_not_open_is_refused(shop: Shop, words: tuple[str, ...]) -> None:
    shop.begin()
    assert shop.run(*words, says="{}") == 3


def test_a_deploy_is_activated_once(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    assert shop.activate("d2", NEW) == 3


@pytest.mark.parametrize("said", ["", "[]", "{}", json.dumps({"slots": True})])
def test_an_activation_that_does_not_say_what_to_do_is_not_understood(
    shop: Shop, said: str
) -> None:
    name = shop.begin()
    assert shop.run("activate", APP, name, HERE, says=said) == 2


def test_a_deploy_that_changed_nothing_is_said_to_have_changed_nothing(shop: Shop) -> None:
    pointer = Pointer.read(shop.place)
    assert shop.run("confirm", APP, shop.begin()) == 0
    assert shop.outcome()["outcome"] == "unchanged"
    assert Pointer.read(shop.place) == pointer


def test_a_slot_whose_files_did_not_change_serves_on(shop: Shop) -> None:
    before = invocation(shop, "shop-web@a.service")
    name = shop.begin()
    shop.write(name, Version("v1", "keen"))
    asked = {"slots": False, "restart": [TIMER], "enable": [], "stop": [], "once": []}
    assert shop.run("activate", APP, name, HERE, says=json.dumps(asked)) == 0
    assert shop.run("confirm", APP, name) == 0
    shop.settle()
    assert invocation(shop, "shop-web@a.service") == before
    found = Pointer.read(shop.place)
    assert found is not None
    assert (found.slot, found.generation) == ("a", shop.outcome()["generation"])


def test_a_slot_that_still_ends_what_it_began_is_waited_for_and_made_anew(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    assert shop.deploy(THIRD) == 0  # nobody has cleared up after the one before
    shop.settle()
    shop.whole(THIRD)


def test_a_host_without_room_for_its_files_is_left_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("homeport.hostctl.slots.slots._build", full)
        assert shop.deploy(NEW) == 1
    shop.settle()
    shop.whole(OLD)
    assert "No space left" in capsys.readouterr().err
    assert generations.marks(shop.place) == {}  # it is not the release's fault


def test_nginx_reads_its_files_again_if_one_of_them_was_put_back(shop: Shop) -> None:
    site = "/etc/nginx/conf.d/homeport-shop.conf"
    shop.place.at(site).parent.mkdir(parents=True)
    shop.place.at(site).write_text("before")
    (shop.root / "etc/systemd/system/nginx.service").touch()
    shop.systemd.run(["systemctl", "start", "--", "nginx.service"])
    name = shop.begin()
    assert shop.run("keep", APP, name, site) == 0
    shop.place.at(site).write_text("after")
    assert shop.run("revert", APP, name, "it was asked for") == 0
    assert shop.place.at(site).read_text() == "before"
    assert ["nginx", "-t"] in shop.systemd.ran
    assert shop.systemd.ran.count(["systemctl", "reload", "--", "nginx.service"]) == 1


def test_from_every_state_but_the_last_ones_there_is_a_way_back() -> None:
    for state, following in SUCCESSORS.items():
        assert state in ENDS or state == "reverting" or "reverting" in following
        assert set(following) <= set(SUCCESSORS)
