"""The part of docs/performance.md that tells of releases: tables, and no figure by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tools.docgen.markdown import code, table

WORDS = Path(__file__).parent.parent / "text"
CRASHES, REPEATED = "crashes", "crashes, retry_non_idempotent: true"
RUNNING = "rollbacks, old slot runs"

STAGES = ("writing", "activating", "started", "ready", "restarted", "switched", "soaked")
ENDS = ("confirmed", "reverting", "reverted")
"""As a release goes through them; the host's history has them in any order."""

IDLE = 0.5
"""Processes that want a processor, of a machine that has nothing else to do."""

ANSWER, SIZE, WALL = 1.0, 1.2, 10.0
"""Aims: seconds to the first answer after a rollback, bytes on the host by those of the code, and
seconds of a deploy of code to a Pi."""

Figures = Mapping[str, Any]


def section(found: Figures) -> list[str]:
    """Return the parts of the section, from the figures that were measured."""
    measured = found["measured"]
    return [
        "## Releases\n",
        (WORDS / "releases.md").read_text(),
        *_busy(found),
        table(list(_aims(found))),
        "### Requests\n",
        (WORDS / "requests.md").read_text(),
        table([_requests(each) for each in [*found["plain"], *measured]]),
        *_failures(measured),
        "### Seconds of a release\n",
        (WORDS / "stages.md").read_text(),
        table([_seconds(each) for each in measured]),
        "### Memory and disk\n",
        (WORDS / "room.md").read_text(),
        table([_memory(each) for each in measured]),
        table([_bytes(each) for each in found["bytes"]]),
    ]


def _busy(found: Figures) -> Iterator[str]:
    if found["busy"] > IDLE:
        wanted = f"{found['busy']:.0f} processes wanted its {found['processors']} processors"
        yield f"The machine had other work when this was measured: {wanted} before it began.\n"


def _aims(found: Figures) -> Iterator[dict[str, str]]:
    measured = found["measured"]
    orderly = [each for each in measured if each["situation"] not in (CRASHES, REPEATED)]
    dying = [each for each in measured if each["situation"] == CRASHES]
    repeated = [each for each in measured if each["situation"] == REPEATED]
    yield _aim("failed requests, deploys and rollbacks", "0", *_lost(orderly))
    yield _aim("failed requests, releases that die", "0", *_lost(dying))
    yield _aim(
        "failed requests, releases that die, with `retry_non_idempotent: true`",
        "0",
        *_lost(repeated),
    )
    quick = [each for each in measured if each["situation"] == RUNNING]
    yield _aim(
        "first answer after a rollback to a slot that runs",
        f"≤ {ANSWER:g} s",
        [f"{median(each['answered']):.2f} s ({_where(each)})" for each in quick],
        all(median(each["answered"]) <= ANSWER for each in quick),
    )
    yield _aim(
        "bytes that a deploy of code leaves, times the code",
        f"≤ {SIZE:g}",
        [f"{_ratio(each):.1f} ({each['app']})" for each in found["bytes"]],
        all(_ratio(each) <= SIZE for each in found["bytes"]),
    )
    walls = [(kind, median(each)) for kind, each in found["walls"].items()]
    yield _aim(
        "the sample's code deployed to a warm Pi",
        f"≤ {WALL:g} s",
        [f"{wall:.1f} s ({kind}, emulated)" for kind, wall in walls],
        all(wall <= WALL for _, wall in walls),
    )


def _aim(what: str, wanted: str, got: Sequence[str], met: bool) -> dict[str, str]:
    measured = ", ".join(got) or "not measured"
    reached = ("yes" if met else "no") if got else ""
    return {"aim": what, "wanted": wanted, "measured": measured, "reached": reached}


def _lost(measured: Sequence[Figures]) -> tuple[list[str], bool]:
    kinds = dict.fromkeys(_where(each) for each in measured)
    losses, lost = [], 0
    for where in kinds:
        there = [each["figures"] for each in measured if _where(each) == where]
        failed = sum(sum(each["failed"].values()) for each in there)
        sent = sum(sum(each["sent"].values()) for each in there)
        losses.append(f"{failed} of {sent:,} ({where})")
        lost += failed
    return losses, lost == 0


def _requests(each: Figures) -> dict[str, str]:
    seen = each["figures"]
    switched = seen["switches"]
    return {
        "": each["situation"],
        "where": _where(each),
        "times": str(each["times"] or ""),
        "requests": f"{sum(seen['sent'].values()):,}",
        "failed": str(sum(seen["failed"].values())),
        "ms near a switch": _spread(seen["near"]) if switched else "",
        "ms else": _spread(seen["far"]),
        "websockets ended": str(seen["cut"]) if switched else "",
        "open again within, ms": f"{seen['reopened'] * 1000:.0f}" if seen["cut"] else "",
        "load late, ms": f"{seen['late']['most'] * 1000:.0f}",
    }


def _failures(measured: Sequence[Figures]) -> Iterator[str]:
    rows = [
        {"": each["situation"], "where": _where(each), "what": code(why), "times": str(times)}
        for each in measured
        for why, times in each["figures"]["failed"].items()
    ]
    if rows:
        yield "What failed:\n"
        yield table(rows)


def _seconds(each: Figures) -> dict[str, str]:
    walls, answered, took = each["walls"], each["answered"], each["stages"]
    return {
        "": each["situation"],
        "where": _where(each),
        **{name: f"{took[name]:.2f}" if name in took else "" for name in (*STAGES, *ENDS)},
        "whole": f"{median(walls):.1f} ({min(walls):.1f} to {max(walls):.1f})",
        "first answer": f"{median(answered):.2f} ({min(answered):.2f} to {max(answered):.2f})"
        if answered
        else "",
    }


def _memory(each: Figures) -> dict[str, str]:
    peaks = {f"{what}, MiB": f"{most / 2**20:.0f}" for what, most in each["memory"].items()}
    return {"": each["situation"], "where": _where(each), **peaks}


def _bytes(each: Figures) -> dict[str, str]:
    left = {f"{where}, kB": f"{size / 1000:.1f}" for where, size in each["left"].items()}
    return {
        "a deploy of code": each["app"],
        "code, kB": f"{each['code'] / 1000:.1f}",
        **left,
        "all, times the code": f"{_ratio(each):.1f}",
    }


def _ratio(each: Figures) -> float:
    return float(sum(each["left"].values(), each["code"]) / each["code"])


def _where(each: Figures) -> str:
    kind = "" if each["architecture"] == "amd64" else f"{each['architecture']}, "
    return f"{kind}{each['rtt'] * 1000:.0f} ms away"


def _spread(spread: Figures) -> str:
    return " / ".join(f"{spread[name] * 1000:.0f}" for name in ("p50", "p99", "most"))
