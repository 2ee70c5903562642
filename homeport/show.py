"""What a person reads of a plan: every change, its reason and, when asked for, its diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from homeport.resource import Change

SIGNS = {"add": "+", "change": "~", "remove": "-"}


def lines(kind: str, changes: Sequence[Change], diffs: bool) -> Iterator[str]:
    """Yield the lines of one phase's part of the plan."""
    for change in changes:
        yield f"{kind:<9} {SIGNS[change.action]} {change.target}  ({change.reason})"
        if diffs:
            yield from (f"{'':>14}{line}" for line in change.diff)
