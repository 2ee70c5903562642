"""Lines for a command's standard input that are made while they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class LazyLines(list[str]):
    """A list without items, which makes its lines each time that it is iterated over.

    pyinfra sends a list as it iterates over it, and accepts no other iterable.
    """

    def __init__(self, make: Callable[[], Iterator[str]]) -> None:
        super().__init__()
        self._make = make

    def __iter__(self) -> Iterator[str]:
        return self._make()
