"""What group_data and the inventory say of a host."""

from __future__ import annotations

from typing import Protocol, overload


class Data(Protocol):
    """Host data as pyinfra merges it: inventory, group_data and ``--data``."""

    @overload
    def get(self, key: str, /) -> object: ...

    @overload
    def get(self, key: str, default: object, /) -> object: ...
