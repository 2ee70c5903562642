"""What is said of a rollout: its course, why it ended, and who has what."""

from __future__ import annotations

from homeport.rollout import messages
from homeport.rollout.batches import Batch, Outcome, Stop

DONE, FAILED, UNREACHABLE, CUT_OFF = Outcome


def test_messages__the_course_names_every_host_and_who_is_a_canary() -> None:
    assert list(messages.course([Batch(("a",), canary=True), Batch(("b", "c"))])) == [
        "--> Rolling out to 3 hosts:",
        "    1. a (canary)",
        "    2. b, c",
    ]


def test_messages__the_end_says_what_stopped_it() -> None:
    known = {"a": FAILED, "b": UNREACHABLE, "c": CUT_OFF}
    stop = Stop(("a", "b", "c"))
    assert messages.end(stop, known, interrupted=False) == (
        "--> Stopped: a failed, b can't be reached, c was cut off, and max_failures is exceeded"
    )
    canary = messages.end(Stop(("a",), canary=True), known, interrupted=False)
    assert canary == "--> Stopped: a failed, and a canary must succeed"
    assert messages.end(None, known, interrupted=True) == "--> Interrupted"


def test_messages__the_table_says_of_every_host_what_it_has_or_that_nobody_knows() -> None:
    statuses = {
        "a": {"release": "1-x", "open": False, "last": {"outcome": "confirmed", "when": "today"}},
        "b": {
            "release": "0-x",
            "open": False,
            "last": {"outcome": "reverted", "when": "today", "reason": "web\nis not ready"},
        },
        "d": {"release": "", "open": True, "last": {}},
    }
    outcomes = {"a": DONE, "b": FAILED, "c": UNREACHABLE}
    lines = [line.split("  ") for line in messages.status_table(list("abcd"), outcomes, statuses)]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert rows == [
        ["host", "release", "outcome", "last deploy there"],
        ["a", "1-x", "done", "confirmed today"],
        ["b", "0-x", "failed", "reverted today: web is not ready"],
        ["c", "unknown", "can't be reached", "-"],
        ["d", "none", "not started", "being changed"],
    ]
