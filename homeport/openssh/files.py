"""Files to and from a host: over the standard streams of a command, beside their place first."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import IO, Any

from pyinfra.api.util import get_file_io

CHUNK = 2**16

PUT = """\
set -e
place={place}
if [ -d "$place" ]; then echo "$place is a directory" >&2; exit 1; fi
if [ -L "$place" ]; then place=$(readlink -f -- "$place"); fi
beside=$(dirname -- "$place")/.{name}
trap 'rm -f -- "$beside"' EXIT
(umask 077; set -C; : >"$beside")
cat >"$beside"
# What is cut off on its way ends as what is whole does.
if [ "$(wc -c <"$beside")" -ne {size} ]; then echo "$place: it did not arrive whole" >&2; exit 1; fi
if [ -e "$place" ]; then
  chown --reference="$place" -- "$beside" 2>/dev/null || :
  chmod --reference="$place" -- "$beside"
else
  chmod "$(printf %o $((0666 & ~0$(umask))))" -- "$beside"
fi
mv -f -- "$beside" "$place"
trap - EXIT
"""
"""Shell that puts what it reads in a place: whole or not at all, with the mode of what is there."""


def put(place: str, size: int) -> str:
    """Return the shell that writes so many bytes of standard input to a path."""
    name = f"homeport-{secrets.token_hex(8)}"
    return PUT.format(place=quote(place), name=name, size=size)


def get(place: str) -> str:
    """Return the shell that writes a file to standard output."""
    return f"cat -- {quote(place)}"


class Upload:
    """A file, or an open one, as standard input."""

    def __init__(self, source: str | IO[Any]) -> None:
        self._source = source

    @property
    def size(self) -> int:
        """The number of its bytes."""
        return sum(map(len, self.chunks()))

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file, from its beginning each time."""
        with get_file_io(self._source) as stream:
            while part := stream.read(CHUNK):
                yield part if isinstance(part, bytes) else part.encode()


class Download:
    """A place for what a host sends: a path, written beside and renamed, or an open file.

    + is_whole: set by the caller; a file that isn't whole doesn't come into its place
    """

    def __init__(self, target: Any) -> None:
        self._target = target
        self._stream: IO[bytes] | None = None
        self._beside: Path | None = None
        self._is_text = isinstance(target, io.TextIOBase)
        self.is_whole = False

    def __enter__(self) -> Download:
        if not hasattr(self._target, "write"):
            place = Path(self._target)
            self._beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
            self._stream = self._beside.open("xb")
        return self

    def write(self, data: bytes) -> None:
        """Take some bytes."""
        if self._stream is not None:
            self._stream.write(data)
        else:
            self._target.write(data.decode() if self._is_text else data)

    def __exit__(self, *error: object) -> None:
        if self._stream is None or self._beside is None:
            return
        self._stream.close()
        if self.is_whole:
            self._beside.rename(self._target)
        else:
            self._beside.unlink(missing_ok=True)
