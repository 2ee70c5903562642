"""What a person reads of a plan: every change, its reason and, when asked for, its diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyinfra import logger
from pyinfra.api.host import Host

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


class PlanPrinter:
    """What was printed of one host's plan: each plan and each line once."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._plans: dict[str, Plan] = {}
        self._lines = set[str]()

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The last plan that was printed of each kind, by the kind's name."""
        return self._plans

    def plan(self, kind: str, changes: Plan) -> bool:
        """Print one kind's part of the plan, unless it was; return whether it was news."""
        if self._plans.get(kind) == changes:
            return False
        self._plans[kind] = changes
        for text in lines(kind, changes, diffs=bool(self._host.state.config.DIFF)):
            self.line(text)
        return True

    def once(self, text: str) -> None:
        """Print a line, unless it was printed."""
        if text not in self._lines:
            self._lines.add(text)
            self.line(text)

    def line(self, text: str) -> None:
        """Print a line after the host's name."""
        logger.info(f"{self._host.print_prefix}{text}")
