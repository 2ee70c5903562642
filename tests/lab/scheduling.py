"""Which process of the tests runs what: all of a file, or of a group, in one, the longest first."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadGroupScheduling


class Scheduling(LoadGroupScheduling):
    """Hands out whole groups (``xdist_group``), and whole files of what is in no group.

    A host is shared by the promises of one process: those of one file follow each other on it.
    """

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return group.partition("::")[0]


def longest_first(items: list[pytest.Item]) -> None:
    """Put the promises that are marked as long before all others: nothing waits for them then."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
