"""The end of a command on a host, as its marks and the end of ssh show it."""

from __future__ import annotations

from dataclasses import dataclass

from homeport.openssh import errors
from homeport.openssh.errors import Way
from homeport.openssh.marks import Marks
from homeport.openssh.process import Ended


@dataclass(frozen=True)
class Outcome:
    """The end of a command: its exit code, or why that isn't known."""

    code: int | None
    error: str = ""


def found(ended: Ended, marks: Marks, output: str, way: Way) -> Outcome:
    """Return the outcome of a command.

    + output: what ssh itself printed
    """
    if ended.reached is not None:
        return Outcome(None, at_limit(ended.reached))
    if marks.code is not None:
        return Outcome(marks.code)
    if marks.pid is None:
        return Outcome(None, errors.explain(output or f"ssh exits with {ended.code}", way))
    fix = f"see whether the host is up: `{way.words('')['ssh']}`; then run it again"
    return Outcome(None, f"the connection broke while a command ran. Fix: {fix}.")


def at_limit(reached: str) -> str:
    """Return one line for a command that was ended at a limit."""
    fix = "see what it does there, or raise its limit in host data (docs/connection.md)"
    return f"the command was ended: {reached}. Fix: {fix}."
