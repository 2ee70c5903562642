"""What becomes of a deploy: it is switched to and confirmed, or all is as it was."""

from __future__ import annotations

import pytest

from homeport.hostctl.protocol import IF_GONE
from homeport.hostctl.snapshots import generations
from homeport.hostctl.system.exit_codes import REFUSED, REVERTED
from homeport.hostctl.system.process_handle import _living
from homeport.hostctl.transaction import history
from homeport.hostctl.verbs import begin, transitions
from homeport.hostctl.verbs.transitions import DETACHED
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD


def slots(shop: Shop) -> set[str]:
    """Return the units of slots that run."""
    return {unit for unit in shop.systemd.runs if "@" in unit}


def test_transitions__a_deploy_that_is_confirmed_serves_and_the_old_slot_stops_later(
    shop: Shop,
) -> None:
    assert shop.deploy(NEW) == 0
    assert slots(shop) == {"shop-web@a.service", "shop-web@b.service"}
    assert shop.serving() == {"release": "v2", "environment": "keen", "text": "web of v2"}
    shop.settle()
    shop.whole(NEW)
    record = shop.outcome()
    assert [record[name] for name in ("id", "outcome", "who", "what")] == [
        "d2", "confirmed", "eve@desk", "deploy",
    ]  # fmt: skip
    assert record["from"] == history.read(shop.place)[0]["generation"] != record["generation"]
    stages = ["writing", "activating", "started", "ready", "restarted", "switched", "soaked"]
    assert list(record["stages"]) == sorted([*stages, "confirmed"])


@pytest.mark.parametrize("manner", ["crashes", "deaf", "falls", "hurts"])
def test_transitions__a_release_that_is_not_well_is_reverted_and_marked_bad_with_its_reason(
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


def test_transitions__a_confirmation_whose_answer_was_lost_may_be_asked_for_again(
    shop: Shop,
) -> None:
    assert shop.deploy(NEW) == 0
    assert shop.run("confirm", APP, "d2") == 0
    assert len(history.read(shop.place)) == 2


def test_transitions__what_was_reverted_is_not_confirmed(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    transitions.revert(shop.host(), shop.place, "its connection was gone")
    assert shop.run("confirm", APP, "d2") == 4


def test_transitions__what_fell_between_its_soak_and_its_confirmation_is_not_confirmed(
    shop: Shop,
) -> None:
    shop.deploy(NEW, confirm=False)
    shop.systemd.run(["systemctl", "stop", "--", "shop-web@b.service"])
    assert shop.run("confirm", APP, "d2") == 4
    shop.settle()
    shop.whole(OLD)


@pytest.mark.parametrize("words", [("activate", APP, "other", DETACHED), ("confirm", APP, "other")])
def test_transitions__a_deploy_that_is_not_open_is_refused(
    shop: Shop, words: tuple[str, ...]
) -> None:
    shop.begin()
    assert shop.run(*words, says="{}") == 3


@pytest.mark.parametrize("state", ["armed", "writing", "soaked"])
def test_transitions__a_deploy_that_is_held_is_not_reverted_for_being_gone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    holder = _living(1)
    monkeypatch.setattr(begin, "session", lambda: holder)
    shop.ship(NEW)
    name = shop.begin()
    if state != "armed":
        shop.write(name, NEW)
    if state == "soaked":
        assert shop.activate(name, NEW) == 0
    # It was judged when its time was up. It is renewed, and its worker may be at work.
    shop.clock.passed += 901
    assert shop.run("renew", APP, name) == 0
    shop.systemd.ran.clear()
    assert shop.run("revert", APP, name, IF_GONE, "it was cut off") == REFUSED
    assert "there is a deploy of shop by eve@desk" in capsys.readouterr().err
    assert shop.systemd.ran == []
    journal = shop.journal()
    assert journal is not None
    assert journal.state == state
    shop.clock.passed += 901
    assert shop.run("revert", APP, name, IF_GONE, "it was", "cut off") == REVERTED
    assert shop.outcome()["reason"] == "it was cut off"
    assert shop.run("revert", APP, name, IF_GONE, "it was cut off") == REFUSED
    shop.settle()
    shop.whole(OLD)
