"""Which process of the tests runs what: the tests of a file in one, the longest files first."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from xdist.scheduler import LoadFileScheduling

PI = ("test_convergence.py", "test_proof.py", "test_third_party.py")
"""The files that deploy to the emulated Pi: in one process it is deployed to once."""
LAPTOP = "laptop"
"""The folder whose files share one laptop."""


class Scheduling(LoadFileScheduling):
    """Hands out whole files, and as one what shares the Pi or the laptop.

    A host is shared by the promises of one process: those of one file follow each other on it.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = PurePath(nodeid.partition("::")[0])
        if file.parent.name == LAPTOP:
            return str(file.parent)
        return "pi" if file.name in PI else str(file)


def longest_first(items: list[pytest.Item]) -> None:
    """Put the promises that are marked as long before all others: nothing waits for them then."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
