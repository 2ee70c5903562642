"""What a person reads of a plan: every change, its reason and, when asked for, its diff."""

from __future__ import annotations

from collections.abc import Iterator

from homeport.engine.kind import Plan

SIGNS = {"add": "+", "change": "~", "remove": "-"}


def lines(kind: str, changes: Plan, diffs: bool) -> Iterator[str]:
    """Yield the lines of one phase's part of the plan."""
    for change in changes:
        yield f"{kind:<15} {SIGNS[change.action]} {change.target}  ({change.reason})"
        if diffs:
            yield from (f"{'':>20}{line}" for line in change.diff)


def note(kind: str, text: str) -> str:
    """Return the line of what is to be said of a host besides its changes."""
    return f"{kind:<15} ! {text}"


def unplanned(name: str, conditional: bool) -> str:
    """Return the line of an ordinary operation: what it does is for the host to show."""
    when = "; runs if its condition holds" if conditional else ""
    return f"{'custom':<15} ? {name}  (not predicted{when})"
