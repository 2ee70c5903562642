"""A plan holds as long as the host is what it was made for; later it is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from homeport.hostctl.protocol import ROLLBACK, ROTATION
from homeport.hostctl.snapshots import generations
from homeport.hostctl.system import atomic_files
from homeport.hostctl.system.exit_codes import DONE, REFUSED, USAGE, Usage
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.verbs import basis
from tests.support.disk_faults import Power, powered
from tests.support.fake_systemd import Became
from tests.support.rolled_back_shop import gid
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, Version

SECRET, OTHER = "a-secret-of-today", "another-secret-of-then"
THIRD = Version("v3", "brisk", secret=SECRET)
WORK: dict[str, tuple[str, ...]] = {
    ROLLBACK: (ROLLBACK, APP),
    "rollback to a name": (ROLLBACK, APP, "v1", "--force"),
    ROTATION: ("secrets", "rotate", APP, "TOKEN"),
}


def record(app: str, name: str) -> dict[str, str]:
    """Return what a history says of a deploy of another controller's."""
    return {
        "id": name, "what": "deploy", "who": "bob@desk", "outcome": "confirmed", "when": "noon",
    }  # fmt: skip


@pytest.fixture
def two(empty: Shop) -> Shop:
    """A host with two generations of a shop, and another application beside it."""
    for version in (replace(OLD, secret=OTHER), replace(NEW, secret=SECRET)):
        assert empty.deploy(version) == 0
        empty.settle()
    blog = AppPaths("blog", empty.root)
    atomic_files.folder(blog.own)
    atomic_files.append(blog.history, record("blog", "b1"))
    return empty


def plan_of(shop: Shop, words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the basis of the plan that a host makes of its own work."""
    capsys.readouterr()
    assert shop.run(*words, "--dry", "--json") == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["plan"]
    return json.dumps(found["basis"])


def done(shop: Shop, *words: str) -> int:
    """Do what is planned; return the exit code."""
    try:
        return shop.run(*words)
    except Became as became:
        return shop.run(*became.words, says="a-new-secret-value\n")


def _deployed(shop: Shop) -> str:
    assert shop.deploy(THIRD) == 0
    return "the deploy of shop by eve@desk was confirmed at 2023-11-14T22:"


def _reverted(shop: Shop) -> str:
    shop.systemd.manners["v3"] = "crashes"
    assert shop.deploy(THIRD) == 1
    return "the deploy of shop by eve@desk was reverted at 2023-11-14T22:"


def _rotated(shop: Shop) -> str:
    assert done(shop, *WORK[ROTATION]) == DONE
    return "the rotation of shop by "


def _gone_back(shop: Shop) -> str:
    assert done(shop, *WORK[ROLLBACK]) == DONE
    return "the rollback of shop by "


def _beside(shop: Shop) -> str:
    atomic_files.append(AppPaths("blog", shop.root).history, record("blog", "b2"))
    return "the deploy of blog by bob@desk was confirmed at noon"


def _new_beside(shop: Shop) -> str:
    wiki = AppPaths("wiki", shop.root)
    atomic_files.folder(wiki.own)
    atomic_files.append(wiki.history, record("wiki", "w1"))
    return "the deploy of wiki by bob@desk was confirmed at noon"


def _left(shop: Shop) -> str:
    AppPaths("blog", shop.root).history.unlink()
    return "blog left this host"


def _started_anew(shop: Shop) -> str:
    shop.reboot()
    return "the host was started anew"


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize(
    "move",
    [_deployed, _reverted, _rotated, _gone_back, _beside, _new_beside, _left, _started_anew],
)
def test_basis__a_host_that_moved_after_the_plan_was_made_refuses_it_and_says_what_and_by_whom(
    two: Shop, move: Callable[[Shop], str], work: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = WORK[work]
    known = plan_of(two, words, capsys)
    what = move(two)
    two.settle()
    capsys.readouterr()
    with powered(Power()) as disk:
        assert two.run(*words, "--basis", known) == REFUSED
    assert disk.steps == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"homeportctl: {what}")
    assert line.endswith(
        ", after this plan was made. Fix: run it again, for a plan of what is there now"
    )
    assert two.journal() is None


@pytest.mark.parametrize("work", WORK)
def test_basis__a_host_that_did_not_move_does_what_was_planned(
    two: Shop, work: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known = plan_of(two, WORK[work], capsys)
    two.clock.passed += 100
    assert done(two, *WORK[work], "--basis", known) == DONE
    two.settle()
    assert two.outcome()["what"] == work.partition(" ")[0]


@pytest.mark.parametrize("work", WORK)
def test_basis__it_is_judged_again_under_the_lease(
    two: Shop, work: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = plan_of(two, WORK[work], capsys)
    judged = basis.require_unmoved

    def slow(*arguments: object) -> None:
        judged(*arguments)  # type: ignore[arg-type]  # passed on as given
        monkeypatch.undo()
        _beside(two)

    for verb in ("rollback", "rotation"):
        monkeypatch.setattr(f"homeport.hostctl.verbs.{verb}.basis.require_unmoved", slow)
    capsys.readouterr()
    assert two.run(*WORK[work], "--basis", known) == REFUSED
    assert "the deploy of blog by bob@desk" in capsys.readouterr().err
    assert two.journal() is None


def test_basis__a_rollback_leads_to_the_generation_that_was_planned_or_nowhere(
    two: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert two.deploy(THIRD) == 0
    two.settle()
    known = plan_of(two, WORK[ROLLBACK], capsys)
    first, second = gid(two, "v1"), gid(two, "v2")
    assert json.loads(known)["goal"] == second
    generations.mark_bad(two.place, second, "/srv/shop/releases/v2", "it is slow", "now")
    capsys.readouterr()
    assert two.run(ROLLBACK, APP, "--basis", known) == REFUSED
    assert f"shop would go to generation {first} (" in (error := capsys.readouterr().err)
    assert f"), in place of {second} (" in error
    assert two.journal() is None
    generations.clear_bad(two.place, second)
    digest = json.dumps({**json.loads(known), "digest": "0" * 16})
    assert two.run(ROLLBACK, APP, "--basis", digest) == REFUSED
    assert done(two, ROLLBACK, APP, "--basis", known) == DONE


def test_basis__a_plan_by_hand_shows_words_and_has_no_basis(
    two: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert two.run(*WORK[ROTATION], "--dry") == DONE
    assert capsys.readouterr().out.splitlines() == [
        "secret TOKEN, in what runs",
        f"generation {gid(two, 'v1')}, release v1",
        f"generation {gid(two, 'v2')}, release v2, which runs",
    ]


@pytest.mark.parametrize("text", ["", "[]", "x", '{"others": 1}', "[" * 99999, "1"])
def test_basis__what_is_no_basis_is_usage(two: Shop, text: str) -> None:
    with pytest.raises(Usage):
        basis.parse(text)
    for words in WORK.values():
        assert two.run(*words, "--basis", text) == USAGE
