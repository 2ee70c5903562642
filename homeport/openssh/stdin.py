"""Standard input of a command: bytes as they are, and pyinfra's lines as it writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Chunks(Protocol):
    """Input that is handed over as bytes, in parts, instead of lines."""

    def chunks(self) -> Iterable[bytes]:
        """Return the bytes in parts, anew each time."""
        ...


def chunks(value: object) -> Iterator[bytes]:
    """Yield the bytes of ``_stdin``: text, lines, a file, bytes, or what has ``chunks``."""
    if value is None or value == "":
        return
    if isinstance(value, Chunks):
        yield from value.chunks()
        return
    if isinstance(value, bytes | bytearray | memoryview):
        yield bytes(value)
        return
    lines = value.readlines() if hasattr(value, "readlines") else value
    for text in lines if isinstance(lines, list | tuple) else [lines]:
        data = text if isinstance(text, bytes) else str(text).encode()
        # As pyinfra's own connectors do.
        yield data if data.endswith(b"\n") else data + b"\n"


@dataclass(frozen=True)
class _Input:
    value: object
    first: bytes

    def __iter__(self) -> Iterator[bytes]:
        if self.first:
            yield self.first
        yield from chunks(self.value)


def again(value: object) -> object:
    """Return a ``_stdin`` that can be read as often as it has to be: an open file is read here."""
    return list(chunks(value)) if hasattr(value, "read") else value


def after(first: bytes, value: object) -> Iterable[bytes]:
    """Return some bytes and then those of ``_stdin``, from the beginning for each that reads them.

    A command that a shared connection refuses is sent once more, over another.
    """
    return _Input(value, first)
