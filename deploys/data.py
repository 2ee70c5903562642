"""What group_data and the inventory say of a host."""

from __future__ import annotations

from typing import Protocol


class Data(Protocol):
    """Host data as pyinfra merges it: inventory, group_data and ``--data``."""

    def get(self, key: str, default: object = None) -> object:
        """Return one value."""
