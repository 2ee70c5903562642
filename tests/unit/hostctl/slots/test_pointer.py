"""The pointer says what serves, and what says anything else is refused."""

from __future__ import annotations

import pytest

from homeport.hostctl.protocol import VersionError
from homeport.hostctl.slots.pointer import Pointer, read_pointer
from tests.support.shop_host import Shop


@pytest.mark.parametrize(
    ("text", "slot"), [("slot a\n", "a"), ("slot -\n", None), ("", None), ("slot ../..\n", None)]
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
        ("slot a\ngeneration g1\n", "names no version"),
        ("version 2\nslot a\n", "is of version 2,"),
        ("version 1 \nslot a\n", "is of version 1 ,"),
        ("", "names no version"),
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
