"""Text that others wrote, harmless on a terminal: a control character is shown, and not sent.

A terminal obeys what it is sent: it moves its cursor, erases lines, fills a clipboard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TextIO, cast

LONGEST = 2000
"""Characters of a line that others wrote."""

HARMFUL = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\xad\u061c\u180e\u200b-\u200f\u2060-\u206f\ufeff\ufff9-\ufffb"  # of no width
    "\u2028-\u202e"  # ends of lines, and what turns the direction of a text
    "\ud800-\udfff"  # halves of characters, which can't be encoded
    "\U000e0000-\U000e007f"  # tags
    "]"
)


def harmless(text: str) -> str:
    """Return the text with the number of each harmful character in its place, as ``\\x1b``."""
    return HARMFUL.sub(_number, text)


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return the text on one harmless line, cut off after so many characters."""
    line = harmless(" ".join(text[: 2 * longest].split()))
    return line if len(line) <= longest and len(text) <= 2 * longest else f"{line[:longest]}..."


def quoted(text: str) -> str:
    """Return a text in quotes that it can't end: what stands in them is not ours."""
    return '"{}"'.format(text.replace('"', "'"))


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def plain(stream: TextIO, shown: Callable[[str], str] = harmless) -> TextIO:
    """Return a stream that passes on to this one what ``shown`` returns for a text."""
    return cast("TextIO", _PlainStream(stream, shown))


class _PlainStream:
    def __init__(self, stream: TextIO, shown: Callable[[str], str]) -> None:
        self._stream, self._shown = stream, shown

    def write(self, text: str) -> int:
        """Write what is shown of a text; return the number of its own characters."""
        self._stream.write(self._shown(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of these."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        # Bytes would go by: who wants to write them does without.
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)
