"""The calls by which the host program reaches a disk, each by a name: power is cut before any.

A name is made of the verb that calls, what is called, and the path; a number tells apart those that
are alike. The same deploy has the same calls in the model and on a machine, where this file lies
beside the program: the standard library alone.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

PATCHED = ("write_fd", "fsync", "replace")
"""What the program calls in its module ``atomic_files``."""
_GENERATION = re.compile(r"\b[0-9a-f]{12}\b")


class Names:
    """The names of calls, in the order in which they are made."""

    def __init__(self, root: str = "") -> None:
        self._root, self._count = root, Counter[str]()

    def next(self, verb: str, call: str, arguments: tuple[Any, ...]) -> str:
        """Return the name of a call that is about to be made."""
        if call == "replace":
            path = os.fspath(arguments[1])
        else:
            path = os.readlink(f"/proc/self/fd/{arguments[0]}")  # noqa: PTH115 - it may be gone
        path = _GENERATION.sub("*", path.removeprefix(self._root)) or "/"
        plain = f"{verb}: {call} {path}"
        self._count[plain] += 1
        return f"{plain} {self._count[plain]}"

    def known(self, names: list[str]) -> None:
        """Go on from names of earlier processes."""
        self._count.update(name.rpartition(" ")[0] for name in names)


def patches(
    module: Any, names: Names, verb: Callable[[], str], before: Callable[[str], None]
) -> dict[str, Callable[..., Any]]:
    """Return, for each of ``PATCHED``, what tells a call's name first and then makes it.

    + verb: returns the verb at work, nothing if none is
    + before: what is called with the name
    """

    def wrapped(call: str, made: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any) -> Any:
            if at_work := verb():
                before(names.next(at_work, call, arguments))
            return made(*arguments)

        return wrapper

    return {call: wrapped(call, getattr(module, call)) for call in PATCHED}
