"""Marks around a command on a host: that it began, under which number, and how it ended.

ssh ends with 255 for an error of its own and for a command that ends so, and a command outlives a
connection that breaks. So a shell around each command writes lines of ours to stderr, begun with a
word that nothing else can know; they are taken out before the lines are read.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from shlex import quote

from homeport.openssh.process import ERR, OUT

AROUND = 'echo "$0 P $$" >&2; "$@"; code=$?; echo "$0 X $code" >&2; exit $code'
GATE = b"\n"
"""What a gated command reads first; without it, it ends at once."""
GATED = f"read -r go || exit 255; {AROUND}"
INSIDE = "echo {} B >&2; "


@dataclass
class Marks:
    """The marks of one command, and the lines that it printed.

    + line: takes each line, by the name of its stream
    + raw: takes the bytes of stdout instead, if it is given
    + own: takes the lines in the place of ``line``
    + holds: lines are kept until what stands behind sudo has begun
    + merged: a terminal puts both streams into one
    + early: what stderr had before the shell around it: it is of ssh itself
    + before: what was printed before what stands behind sudo had begun
    + pid: the number of the shell around it, which leads a process group of its own
    + began: whether what stands behind sudo has begun
    + code: its exit code
    """

    word: str = field(default_factory=lambda: f"homeport-{secrets.token_hex(8)}")
    line: Callable[[str, str], None] = lambda name, text: None
    raw: Callable[[bytes], object] | None = None
    own: Callable[[str, str], None] | None = None
    holds: bool = False
    merged: bool = False
    pid: int | None = None
    began: bool = False
    code: int | None = None
    early: list[str] = field(default_factory=list)
    before: list[tuple[str, str]] = field(default_factory=list)
    _rests: dict[str, bytearray] = field(
        default_factory=lambda: {OUT: bytearray(), ERR: bytearray()}
    )

    def around(self, words: str, *, gated: bool = False) -> str:
        """Return the line for a host's shell that runs these words (already quoted) in marks.

        + gated: it reads ``GATE`` first, and runs nothing if it is given up before
        """
        return f"exec sh -c {quote(GATED if gated else AROUND)} {self.word} {words}"

    def inside(self) -> str:
        """Return the shell that says that what follows it has begun."""
        return INSIDE.format(self.word)

    def take(self, name: str, chunk: bytes) -> bool:
        """Take what came from a stream: hand on whole lines; return whether it has begun."""
        if name == OUT and self.raw is not None:
            self.raw(chunk)
            return True
        # A line may be as long as all that may be printed, and is copied once.
        rest = self._rests[name]
        first, end, more = chunk.partition(b"\n")
        rest += first
        if end:
            self._line(name, rest)
            *lines, last = more.split(b"\n")
            for text in lines:
                self._line(name, text)
            self._rests[name] = bytearray(last)
        return self.pid is not None

    def end(self) -> None:
        """Hand on what came last, without the end of a line."""
        for name, rest in [*self._rests.items()]:
            self._rests[name] = bytearray()
            if rest:
                self._line(name, rest)

    def _line(self, name: str, raw: bytes | bytearray) -> None:
        text = raw.decode(errors="replace")
        before, mark, after = text.partition(f"{self.word} ")
        text = text.rstrip("\r") if self.merged else text
        if not mark:
            self._hand_on(name, text)
            return
        if before:
            self._hand_on(name, before)
        what, _, value = after.strip().partition(" ")
        if what == "P":
            self.pid = _number(value)
        elif what == "B":
            self.began = True
            held, self.before = self.before, []
            for each in held:
                (self.own or self.line)(*each)
        elif what == "X":
            self.code = _number(value)

    def _hand_on(self, name: str, text: str) -> None:
        if self.pid is None and name == ERR:
            self.early.append(text)
        elif self.holds and not self.began:
            self.before.append((name, text))
        else:
            (self.own or self.line)(name, text)


def _number(text: str) -> int | None:
    # Whatever a host writes there.
    return int(text) if re.fullmatch("[0-9]{1,10}", text) else None
