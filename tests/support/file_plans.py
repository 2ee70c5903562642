"""What tests of several modules share: file plans."""

from __future__ import annotations

from homeport.engine.kind import Change
from homeport.files import managed_set
from homeport.files.entries import Entry
from tests.support.simulated_host import World, probe

KEY = "0123456789abcdef"
LEDGER = managed_set.ledger_path("shop", "files")


def plan(world: World, entries: list[Entry]) -> list[Change]:
    return managed_set.diff("shop", "files", entries, probe(world, entries, LEDGER, KEY))
