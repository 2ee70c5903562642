"""Host data as a description sees it: hosts of which it says the same are described once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property

from homeport.manifest.reading.yaml_reader import DEEPEST


class HashableData(Mapping[str, object]):
    """Some of a host's data; equal to another's if both say the same, in the same order."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self._data = data

    @cached_property
    def _hashable(self) -> Hashable:
        return hashable(self._data)

    def __getitem__(self, name: str) -> object:
        return self._data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __hash__(self) -> int:
        return hash(self._hashable)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HashableData) and self._hashable == other._hashable


EMPTY = HashableData({})
"""No data."""


def hashable(value: object, deepest: int = DEEPEST) -> Hashable:
    """Return what is equal for values that say the same; what isn't plain is like nothing else."""
    if deepest and isinstance(value, Mapping):
        items = ((name, hashable(item, deepest - 1)) for name, item in value.items())
        return (Mapping, *items)
    if deepest and isinstance(value, list | tuple):
        return (type(value), *(hashable(item, deepest - 1) for item in value))
    if value is None or isinstance(value, str | bool | int | float):
        return type(value), value
    return id(value)
