"""The pointer says what serves, and what says anything else is refused."""

from __future__ import annotations

import pytest

from homeport.hostctl.protocol import VersionError
from homeport.hostctl.slots.pointer import (
    Pointer,
    PointerDamaged,
    is_damaged,
    read_pointer,
    repair,
)
from homeport.hostctl.system.exit_codes import FAILED, INCOMPLETE
from tests.support.damaged_state import WAYS, spoil
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP


@pytest.mark.parametrize(
    ("text", "slot"), [("slot a\n", "a"), ("slot -\n", None), ("slot ../..\n", None)]
)
def test_pointer_names_a_slot_or_none(shop: Shop, text: str, slot: str | None) -> None:
    rest = "generation g1\nrelease /srv/shop/releases/v1\ndata 3\n"
    shop.place.active.write_text(f"version 1\n{text}{rest}")
    assert Pointer.read(shop.place) == Pointer(slot, "g1", "/srv/shop/releases/v1", 3)


def test_pointer_is_what_was_written(shop: Shop) -> None:
    for pointer in (Pointer("b", "g2", "/r", 2), Pointer(None, "g3", "/s")):
        pointer.write(shop.place)
        assert Pointer.read(shop.place) == pointer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version 3\nslot a\n", "is of version 3,"),
        ("version 1 \nslot a\n", "is of version 1 ,"),
    ],
)
def test_pointer__of_another_version_is_refused_and_not_guessed(
    shop: Shop, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.place.active.write_text(text)
    with pytest.raises(VersionError, match=says):
        read_pointer(shop.place)
    assert shop.run("begin", "shop", says='{"id": "d9", "who": "eve"}') == 3
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.startswith(f"homeportctl: {shop.place.active} {says}")
    assert "Fix: use the homeport that wrote it" in line
    assert not shop.place.journal.exists()


@pytest.mark.parametrize("way", [way for way in WAYS if way != "newer"])
def test_pointer_that_is_damaged_is_known_from_the_last_journal_and_written_anew(
    shop: Shop, way: str
) -> None:
    had, text = Pointer.read(shop.place), shop.place.active.read_text()
    # After one that was confirmed, and after one that was reverted.
    for undone in (False, True):
        if undone:
            assert shop.run("revert", APP, shop.begin(), "it was asked for") == 0
        for seed in range(20):
            shop.place.active.write_text(text)
            if not spoil(way, shop.place.active, seed):
                continue
            try:
                assert Pointer.read(shop.place) == had
            except VersionError:
                continue  # it is refused by its name
            assert is_damaged(shop.place)
            assert repair(shop.place)
            assert shop.place.active.read_text() == text


def test_pointer_of_version_1_is_read(shop: Shop) -> None:
    had = Pointer.read(shop.place)
    lines = shop.place.active.read_text().replace("version 2", "version 1").splitlines()
    shop.place.active.write_text("\n".join(lines[:-1]) + "\n")
    assert Pointer.read(shop.place) == had
    assert not is_damaged(shop.place)


def test_pointer_that_no_journal_knows_is_refused(shop: Shop) -> None:
    shop.place.active.write_text("rotten")
    shop.place.last_journal.unlink()
    with pytest.raises(PointerDamaged, match="Fix: if nothing runs, remove it"):
        Pointer.read(shop.place)
    assert shop.run("rollback", APP) == FAILED
    # A host that starts serves from the one slot that there is.
    shop.clock.reboot()
    shop.systemd.reboot()
    assert shop.run("boot") == INCOMPLETE
    shop.systemd.booted()
    assert shop.serving() is not None
