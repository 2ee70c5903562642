"""A secret that is rotated is the new one everywhere, or the old one as ever."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.hostctl.protocol import ROTATION
from homeport.hostctl.snapshots import generations
from homeport.hostctl.system.exit_codes import DONE, FAILED, INCOMPLETE, REFUSED, USAGE
from tests.support.disk_faults import Cut, Power, powered
from tests.support.fake_systemd import Became
from tests.support.rolled_back_shop import gid
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, Version

OLDEST, OLD, NEW = "first-secret-value", "second/secret+value", "third secret: value"
V1 = Version("v1", secret=OLDEST)
V2 = Version("v2", "keen", secret=OLD)
ROTATE = ("secrets", "rotate", APP, "TOKEN")


@pytest.fixture
def rotated(empty: Shop) -> Shop:
    """A host with two generations, each with a secret of its own."""
    for version in (V1, V2):
        assert empty.deploy(version) == 0
        empty.settle()
    return empty


def rotate(shop: Shop, value: str = NEW, *words: str) -> int:
    """Rotate the secret; return the exit code."""
    try:
        return shop.run(*ROTATE, *words)
    except Became as became:
        assert not value or value not in became.words
        return shop.run(*became.words, says=f"{value}\n")


def holding(shop: Shop, value: str) -> Iterator[Path]:
    """Yield the files of a host that hold a value."""
    for path in shop.root.rglob("*"):
        if path.is_file() and not path.is_symlink() and value.encode() in path.read_bytes():
            yield path


def test_rotation__the_new_value_is_in_what_runs_and_the_old_ones_are_nowhere(
    rotated: Shop,
) -> None:
    names = [gid(rotated, "v1"), gid(rotated, "v2")]
    before = rotated.systemd.runs["shop-worker.service"].invocation
    assert rotate(rotated) == DONE
    rotated.settle()
    rotated.whole(replace(V2, secret=NEW))
    assert rotated.systemd.runs["shop-worker.service"].invocation != before
    assert list(holding(rotated, OLD)) == list(holding(rotated, OLDEST)) == []
    assert [rotated.outcome()[name] for name in ("what", "outcome")] == [ROTATION, "confirmed"]
    # Each generation is whole, of another name, and known by the one that it had.
    for name in names:
        (found,) = [each for each in generations.read_all(rotated.place) if name in each.formerly]
        assert found.gid != name
        assert generations.verify(rotated.place, found.gid)
    assert rotated.back(names[0], "--old-secrets") == DONE
    rotated.settle()
    rotated.whole(replace(V1, secret=NEW))


def test_rotation__when_it_ends_no_slot_runs_or_keeps_a_former_value(rotated: Shop) -> None:
    before = {unit for unit in rotated.systemd.runs if "@" in unit}
    assert rotate(rotated) == DONE
    # Nothing has come by itself meanwhile.
    assert list(holding(rotated, OLD)) == list(holding(rotated, OLDEST)) == []
    assert before.isdisjoint(rotated.systemd.runs)
    rotated.whole(replace(V2, secret=NEW))


def test_rotation__a_slot_that_stands_by_with_a_former_value_is_named(
    rotated: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeport.hostctl.verbs.cleanup._standby", lambda *of: "b")
    assert rotate(rotated) == INCOMPLETE
    assert "slots/b/etc/config/app.ini has a former value of TOKEN" in capsys.readouterr().out


def test_rotation_to_a_value_with_which_nothing_gets_well_leaves_the_old_one(rotated: Shop) -> None:
    rotated.systemd.manners["v2"] = "deaf"
    assert rotate(rotated) == FAILED
    del rotated.systemd.manners["v2"]
    rotated.settle()
    rotated.whole(V2)
    # What was tried is known for what it is, until the next that is good.
    (tried,) = [each.gid for each in generations.read_all(rotated.place) if not each.good]
    assert all(tried in path.parts for path in holding(rotated, NEW))
    assert [each.release[-2:] for each in generations.read_all(rotated.place) if each.good] == [
        "v1", "v2",
    ]  # fmt: skip


def test_rotation__marks_pins_and_numbers_stay_with_their_generation(rotated: Shop) -> None:
    first = gid(rotated, "v1")
    generations.mark_bad(rotated.place, first, "/srv/shop/releases/v1", "it is slow", "now")
    assert rotated.run("pin", APP, first) == DONE
    number = next(each.number for each in generations.read_all(rotated.place) if each.gid == first)
    assert rotate(rotated) == DONE
    now = gid(rotated, "v1")
    assert generations.marks(rotated.place)[now]["reason"] == "it is slow"
    assert rotated.run("unpin", APP, now) == DONE
    assert generations.read(rotated.place, now).number == number  # type: ignore[union-attr]


def test_rotation_done_twice_changes_nothing_the_second_time(rotated: Shop) -> None:
    assert rotate(rotated) == DONE
    rotated.settle()
    served, names = dict(rotated.serving() or {}), generations.names(rotated.place)
    assert rotate(rotated) == DONE
    assert rotated.outcome()["outcome"] == "unchanged"
    assert (rotated.serving(), generations.names(rotated.place)) == (served, names)


def test_rotation__a_generation_that_is_damaged_and_may_hold_the_old_one_is_removed(
    rotated: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    first = gid(rotated, "v1")
    (rotated.place.generations / first / "1").write_bytes(b"rotten")
    assert rotate(rotated) == INCOMPLETE
    assert f"generation {first} is damaged" in capsys.readouterr().out
    assert first not in generations.names(rotated.place)
    assert list(holding(rotated, OLDEST)) == []


@pytest.mark.parametrize("value", ["", "two\nlines", "\x1b[0m"])
def test_rotation_to_what_is_no_value_is_refused_and_reverted(rotated: Shop, value: str) -> None:
    assert rotate(rotated, value) == FAILED
    rotated.settle()
    rotated.whole(V2)


def test_rotation_that_can_not_be_done_is_refused(
    rotated: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rotated.run("secrets", "rotate", APP, "NONE") == REFUSED
    assert "no secret 'NONE'; it has: OTHER, TOKEN" in capsys.readouterr().err
    for words in (["show", APP, "TOKEN"], ["rotate", APP, "TOKEN", "value"]):
        assert rotated.run("secrets", *words) == USAGE
    (rotated.root / "etc/homeport/shop/environment").write_text("by hand")
    assert rotated.run(*ROTATE) == REFUSED
    assert "/etc/homeport/shop/environment. Fix: deploy, then rotate" in capsys.readouterr().err
    shutil.rmtree(rotated.place.generations)
    assert rotated.run(*ROTATE) == REFUSED


def test_rotation_of_a_value_too_short_to_be_found_in_a_text_is_refused(empty: Shop) -> None:
    short = Version("v1", secret="abc")
    assert empty.deploy(short) == 0
    empty.settle()
    assert rotate(empty) == FAILED
    empty.settle()
    empty.whole(short)


def test_rotation__wherever_it_is_cut_off_it_is_done_by_the_next(
    rotated: Shop, folder: Path
) -> None:
    with powered(Power()) as whole:
        assert rotate(rotated.copied(folder / "whole")) == DONE
    for at in range(1, whole.steps + 1, 3):
        host = rotated.copied(folder / f"cut-{at}")
        with powered(Power(at)), pytest.raises(Cut):
            rotate(host)
        host.reboot()
        host.settle()
        assert host.serving() is not None
        assert rotate(host) == DONE
        host.settle()
        host.whole(replace(V2, secret=NEW))
        assert list(holding(host, OLD)) == list(holding(host, OLDEST)) == []
        shutil.rmtree(host.root)
