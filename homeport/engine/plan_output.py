"""The plan, for a person to read: every change, its reason and, when asked for, its diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyinfra import logger
from pyinfra.api.host import Host

from homeport.engine.kind import Plan
from homeport.hostctl.plain_text import LONGEST, harmless

SIGNS = {"add": "+", "change": "~", "remove": "-"}


def lines(kind: str, changes: Plan, diffs: bool) -> Iterator[str]:
    """Yield the lines of one phase's part of the plan."""
    for change in changes:
        yield f"{kind:<15} {SIGNS[change.action]} {change.target.name}  ({change.reason})"
        if diffs:
            yield from (f"{'':>20}{line}" for line in change.diff)


def unplanned(name: str, conditional: bool) -> str:
    """Return the line of an ordinary operation: what it does is for the host to show."""
    when = "; runs if its condition holds" if conditional else ""
    return f"{'custom':<15} ? {name}  (not predicted{when})"


class PlanPrinter:
    """The printer of one host's plan: each plan and each note once."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._plans: dict[str, Plan] = {}
        self._printed = set[str]()

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

    def note(self, kind: str, text: str) -> None:
        """Print what is to be known of a host besides its changes, unless a phase printed it."""
        self.once(text, f"{kind:<15} ! {text}")

    def once(self, text: str, line: str | None = None) -> None:
        """Print a text, as this line if it is given, unless the text was printed."""
        if text not in self._printed:
            self._printed.add(text)
            self.line(line or text)

    def line(self, text: str) -> None:
        """Print a line after the host's name."""
        # A name that a host gave may hold the end of a line.
        shown = harmless(text[:LONGEST]).replace("\n", "\\n")
        logger.info(f"{self._host.print_prefix}{shown}")
