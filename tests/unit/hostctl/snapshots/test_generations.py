"""What hostctl.snapshots.generations promises."""

from __future__ import annotations

import pytest

from homeport.hostctl.snapshots import generations
from homeport.hostctl.system import atomic_files
from tests.support.rolled_back_shop import gid, newer
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, OLD

__all__ = ["newer"]


def test_generation_that_another_version_of_the_program_kept_is_understood(newer: Shop) -> None:
    meta = generations.folder(newer.place, gid(newer, "v1")) / "meta"
    atomic_files.write_document(meta, {**atomic_files.document(meta), "later": True})
    assert newer.back() == 0


def test_generation_that_cannot_be_read_is_kept_anew(newer: Shop) -> None:
    meta = generations.folder(newer.place, gid(newer, "v1")) / "meta"
    meta.write_text("{")
    assert newer.run("rollback", APP) == 3
    assert newer.deploy(OLD) == 0
    newer.settle()
    newer.whole(OLD)
    assert {each.release[-2:] for each in generations.read_all(newer.place)} == {"v1", "v2"}


def numbers(shop: Shop) -> dict[str, tuple[int, str]]:
    """Return the number of each generation and when it was confirmed, by its release."""
    return {
        each.release[-2:]: (each.number, each.when) for each in generations.read_all(shop.place)
    }


def test_generation_that_is_confirmed_is_the_last_one(newer: Shop) -> None:
    before = numbers(newer)
    assert before["v1"][0] < before["v2"][0]
    generations.number(newer.place, gid(newer, "v1"), "now", again=False)
    assert numbers(newer) == {**before, "v1": (before["v2"][0] + 1, "now")}
    # It is the last one already.
    generations.number(newer.place, gid(newer, "v1"), "later", again=False)
    assert numbers(newer)["v1"][1] == "now"


def test_generation_that_was_gone_back_to_keeps_its_number(newer: Shop) -> None:
    before = numbers(newer)
    generations.number(newer.place, gid(newer, "v1"), "now", again=True)
    assert numbers(newer) == before


def test_generation_that_was_never_confirmed_is_counted_by_whatever_confirms_it(
    newer: Shop,
) -> None:
    meta = generations.folder(newer.place, gid(newer, "v1")) / "meta"
    atomic_files.write_document(meta, {**atomic_files.document(meta), "number": 0})
    highest = numbers(newer)["v2"][0]
    generations.number(newer.place, gid(newer, "v1"), "now", again=True)
    assert numbers(newer)["v1"] == (highest + 1, "now")


def test_generation_that_is_not_kept_is_not_counted(newer: Shop) -> None:
    before = numbers(newer)
    generations.number(newer.place, "nowhere", "now", again=False)
    assert numbers(newer) == before


@pytest.mark.parametrize("spoils", ["ledger", "meta", "bad", "spec", "index"])
def test_generation__what_is_of_another_version_is_refused_by_one_line_and_nothing_is_touched(
    newer: Shop, spoils: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = generations.folder(newer.place, gid(newer, "v1"))
    path = {
        "ledger": newer.place.own / "files",
        "meta": folder / "meta",
        "bad": newer.place.bad,
        "spec": newer.place.slots / "b/etc/processes.json",
        "index": folder / "index",
    }[spoils]
    text = path.read_text() if path.exists() else '{"version": 1, "generation": "x"}\n'
    newer_line = '"version": 2' if spoils == "spec" else '"version": 3'
    for had in ('"version": 1', '"version": 2'):
        text = text.replace(had, newer_line)
    path.write_text(text.replace("version 1", "version 2"))
    serves = str((newer.place.sockets / "web.sock").readlink())
    capsys.readouterr()
    assert newer.back() in (1, 3)
    output = [line for line in capsys.readouterr().err.splitlines() if "version" in line]
    assert output
    assert all(
        f"{path} is of version {'2' if spoils in ('ledger', 'spec') else '3'}, and this" in line
        for line in output
    )
    assert str((newer.place.sockets / "web.sock").readlink()) == serves
