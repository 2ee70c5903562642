"""Unit files: judged before they are in place, read after, and gone with what they ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, PreconditionError
from homeport.files import managed_set
from homeport.operations.units import kind
from homeport.operations.units.resources import Unit
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
