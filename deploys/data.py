"""Host data: what inventory, group_data and ``--data`` say of a host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

PRIVATE = re.compile("_.*|ssh_.*|.*(password|secret|token).*")
"""Names of data that stays out of files: how a host is reached, and what may be a secret."""


class Data(Protocol):
    """Host data as pyinfra merges it."""

    def get(self, key: str, default: object = None, /) -> object:
        """Return one value."""


class Plain:
    """The part of a host's data that files may hold: text, numbers, lists and mappings."""

    def __init__(self, data: Data | None) -> None:
        self._data = data

    def __getitem__(self, name: str) -> object:
        if self._data is None or PRIVATE.fullmatch(name):
            raise KeyError(name)
        if (value := self._data.get(name)) is None:
            raise KeyError(name)
        return _plain(value)


def _plain(value: object) -> object:
    # The same whether pyinfra hands it over or JSON did: a tuple is written as a list is.
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    raise KeyError(type(value).__name__)
