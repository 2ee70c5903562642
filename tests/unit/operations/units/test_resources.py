"""What a unit is called, and whose name it may not share."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.units.resources import FOLDER, Unit, copies, entries
from homeport.operations.units.slot_units import SlotUnit

WEB = Unit("shop-web.service", "[Service]\nExecStart=/bin/web\n")
SLOTTED = SlotUnit("shop-api@.service", "[Service]\n", "/etc/homeport/shop/units", "/run/slots")


def test_unit_lies_where_systemd_reads_it() -> None:
    assert WEB.place == f"{FOLDER}/shop-web.service"
    assert [file.path for file in entries(DesiredState("shop", (WEB, SLOTTED)))] == [
        WEB.place,
        "/etc/homeport/shop/units/shop-api@.service",
    ]


def test_unit_that_is_named_like_a_slot_shares_a_name_with_the_template_of_slots() -> None:
    assert WEB.conflicting_paths == (WEB.place,)
    slot = Unit("shop-web-a.service", "")
    assert slot.conflicting_paths == (slot.place, "/units/shop-web@.service")


def test_unit_has_copies_where_it_runs_in_slots() -> None:
    assert copies(DesiredState("shop", (WEB,))) == {}
    assert set(copies(DesiredState("shop", (WEB, SLOTTED)))) == {
        f"{FOLDER}/shop-api@a.service",
        f"{FOLDER}/shop-api@b.service",
    }
