"""Unit files: judged before they are in place, read after, and gone with what they ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, PreconditionError
from homeport.files import managed_set
from homeport.files.env_file import HEADER
from homeport.operations.units import kind
from homeport.operations.units import probe as probing
from homeport.operations.units.resources import Unit
from homeport.operations.units.slot_units import SlotUnit
from tests.support.fake_systemd_units import (
    Probe,
    folder,
    host,
    probe,
)
from tests.support.real_delivery import as_root

__all__ = ["folder", "host", "probe"]


pytestmark = as_root


def test_unit_of_another_application_is_never_taken_over(
    folder: Path, probe: Probe, tmp_path: Path
) -> None:
    # The process x of shop-web and the process web-x of shop would be one unit.
    other = DesiredState("shop-web", (Unit("shop-web-x.service", "[Service]\n"),))
    ours = DesiredState("shop", (Unit("shop-web-x.service", "[Service]\nRestart=no\n"),))
    for owner in (other, ours):
        ledger = Path(managed_set.ledger_path(owner.app, "units"))
        ledger.parent.mkdir(parents=True)
        ledger.write_text(f"version 1\n{folder}/shop-web-x.service\n" if owner is other else "")
    with pytest.raises(
        PreconditionError, match=r"shop-web-x.service belongs to the application shop-web;"
    ):
        kind.diff(ours, probe(ours))
    assert [change.action for change in kind.diff(other, probe(other))] == ["add"]


@pytest.mark.parametrize("name", ["shop-web.service", "shop-web@.service", "shop-web@a.service"])
def test_unit_of_a_package_is_never_shadowed(
    name: str, folder: Path, probe: Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / name).write_text("[Service]\n")
    # Masked, which is no unit of others.
    (vendor / "shop-tidy.service").symlink_to("/dev/null")
    monkeypatch.setattr(probing, "FOLDERS", (str(tmp_path / "none"), str(vendor)))
    slotted = SlotUnit("shop-web@.service", "", f"{tmp_path}/units", f"{tmp_path}/slots")
    ours = Unit("shop-web.service", "") if "@" not in name else slotted
    description = DesiredState("shop", (ours, Unit("shop-tidy.service", "")))
    with pytest.raises(PreconditionError) as refused:
        kind.diff(description, probe(description))
    assert str(refused.value) == (
        f"{vendor}/{name} is there, and homeport did not write it; rename the process in app.yml, "
        "or remove the unit if nothing needs it"
    )


@pytest.mark.parametrize("name", ["shop-web.service", "shop-web@.service", "shop-web@b.service"])
def test_unit_of_a_person_is_never_taken_over(
    name: str, folder: Path, probe: Probe, tmp_path: Path
) -> None:
    slotted = SlotUnit("shop-web@.service", "", f"{tmp_path}/units", f"{tmp_path}/slots")
    ours = Unit("shop-web.service", "") if "@" not in name else slotted
    description = DesiredState("shop", (ours,))
    for text in ("[Service]\n", ""):
        (folder / name).write_text(text)
        with pytest.raises(PreconditionError, match=f"{name} is there, and homeport did not write"):
            kind.diff(description, probe(description))


def test_unit_of_ours_is_known_by_the_ledger_and_by_its_first_line(
    folder: Path, probe: Probe, tmp_path: Path
) -> None:
    slotted = SlotUnit("shop-web@.service", "", f"{tmp_path}/units", f"{tmp_path}/slots")
    description = DesiredState("shop", (Unit("shop-tidy.service", ""), slotted))
    for name in ("shop-tidy.service", "shop-web@a.service"):
        (folder / name).write_text(f"{HEADER}[Service]\n")
    assert probe(description).unmarked == ()
    for name in ("shop-tidy.service", "shop-web@a.service"):
        (folder / name).write_text("[Service]\nRestart=no\n")
    ledger = Path(managed_set.ledger_path("shop", "units"))
    ledger.parent.mkdir(parents=True)
    ledger.write_text(f"version 1\n{folder}/shop-tidy.service\n{slotted.place}\n")
    assert len(probe(description).unmarked) == 2
    kind.diff(description, probe(description))
