"""The messages of a rollout: its course before it, each batch, and the status of all hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeport.rollout.batches import Batch, Outcome, Outcomes, Stop
from homeport.text_table import table

HEADS = ("host", "release", "outcome", "last deploy there")
OUTCOMES = {
    Outcome.DONE: "done",
    Outcome.FAILED: "failed",
    Outcome.UNREACHABLE: "can't be reached",
    Outcome.CUT_OFF: "cut off",
    None: "not started",
}
PAST = {**OUTCOMES, Outcome.CUT_OFF: "was cut off"}


def course(batches: Sequence[Batch]) -> Iterator[str]:
    """Yield the lines that show the order of the batches, before the first one."""
    hosts = sum(len(batch.hosts) for batch in batches)
    yield f"--> Rolling out to {_count(hosts, 'host')}:"
    for number, batch in enumerate(batches, 1):
        yield f"    {number}. {_named(batch)}"


def turn(batch: Batch) -> str:
    """Return the line above pyinfra's output of a batch."""
    return f"--> Batch: {_named(batch)}"


def end(step: Stop | None, outcomes: Outcomes, *, interrupted: bool) -> str:
    """Return the line at the end of a rollout: complete, interrupted, or stopped and why."""
    if interrupted:
        return "--> Interrupted"
    if step is None:
        return "--> Rollout complete"
    why = ", ".join(f"{name} {PAST[outcomes[name]]}" for name in step.failed)
    may = "a canary must succeed" if step.canary else "max_failures is exceeded"
    return f"--> Stopped: {why}, and {may}"


def status_table(
    names: Sequence[str], outcomes: Outcomes, statuses: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the lines of a table: each host's release, outcome, and last deploy in its history."""
    rows = [
        [
            name,
            _release(statuses.get(name)),
            OUTCOMES[outcomes.get(name)],
            _last(statuses.get(name)),
        ]
        for name in names
    ]
    yield from (f"    {line}" for line in table(HEADS, rows))


def _release(status: Mapping[str, Any] | None) -> str:
    return "unknown" if status is None else str(status["release"] or "none")


def _last(status: Mapping[str, Any] | None) -> str:
    if status is None:
        return ""
    last = status["last"]
    words = " ".join(filter(None, (last.get("outcome"), last.get("when"))))
    reason = f": {last['reason']}" if last.get("reason") else ""
    return "; ".join(filter(None, ("being changed" if status["open"] else "", f"{words}{reason}")))


def _named(batch: Batch) -> str:
    return f"{', '.join(batch.hosts)}{' (canary)' if batch.canary else ''}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
