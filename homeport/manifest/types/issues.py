"""The issues of an application file: found anywhere, placed by file and line, told at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydantic_core import PydanticCustomError

KeyPath = tuple[str | int, ...]
"""Where a value stands: ``("processes", "web", "listen")``."""

REFUSED = "refused"


class Issue(NamedTuple):
    """One finding, before it is known which file and line it came from.

    ``keys`` are the values that can't stand together. The first is blamed, unless an override
    brought in another one of them.
    """

    what: str
    fix: str
    keys: tuple[KeyPath, ...] = ((),)

    def below(self, parent: KeyPath) -> Issue:
        """Return the same finding with its keys counted from further up."""
        return Issue(self.what, self.fix, tuple((*parent, *key) for key in self.keys))


def refuse(what: str, fix: str) -> PydanticCustomError:
    """Return the error that a validator raises about the value before it."""
    return refuse_all([Issue(what, fix)])


def refuse_all(complaints: Iterable[Issue]) -> PydanticCustomError:
    """Return the error that a validator raises about several of the keys inside its value."""
    return PydanticCustomError(REFUSED, "refused", {"complaints": tuple(complaints)})


def quoted(text: str) -> str:
    """Return a text fit for a line of a message: short, quoted, without control characters."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def dotted(path: KeyPath) -> str:
    """Return a key path as people write it: ``data[0]``, ``processes.web.listen``."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            plain = step.isprintable() and 0 < len(step) <= 60
            written += ("." if written else "") + (step if plain else quoted(step))
    return written
