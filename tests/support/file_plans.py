"""What tests of several modules share: file plans."""

from __future__ import annotations

from homeport.engine.kind import Change
from homeport.files import managed_set as group
from homeport.files.entries import Entry
from tests.support.simulated_host import World, probe

KEY = "0123456789abcdef"
LEDGER = group.ledger_path("shop", "files")


def plan(world: World, entries: list[Entry]) -> list[Change]:
    return group.diff("shop", "files", entries, probe(world, entries, LEDGER, KEY))
