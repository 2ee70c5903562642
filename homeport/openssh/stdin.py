"""Standard input of a command: bytes as they are, and pyinfra's lines as it writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


class _Lines:
    # Of an open file, which can be read once; a command may have to be run a second time.
    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._lines)


class _Anew:
    def __init__(self, value: object) -> None:
        self._value = value

    def __iter__(self) -> Iterator[bytes]:
        return chunks(self._value)


def again(value: object) -> Iterable[bytes]:
    """Return the bytes of ``_stdin`` as something that yields them as often as it is asked to."""
    if hasattr(value, "read"):
        return _Lines(list(chunks(value)))
    return _Anew(value)
