"""What the samples come to: failures, and how long requests took near a switch and far from one."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.load.samples import CUT, ECHO, GET, OPEN, POST, SLOW, Sample

AROUND = 1.0
"""Seconds before and after a switch that are near it."""

QUICK = (GET, POST)
"""Kinds whose time says how long one waits for an answer."""


@dataclass(frozen=True)
class Spread:
    """Seconds that requests took: how many these were, and what half, 99 % and all stay within."""

    requests: int
    p50: float
    p99: float
    most: float


@dataclass(frozen=True)
class Figures:
    """What became of all that was sent.

    + sent: by kind; failed: by kind and reason
    + switches: how often another release answered than before
    + near, far: within a second of a switch, and else
    + late: how late requests were sent by the load itself
    + cut: websockets that ended with the release they were opened to
    + reopened: seconds until one was open again, at most
    """

    sent: Mapping[str, int]
    failed: Mapping[str, int]
    switches: int
    near: Spread
    far: Spread
    late: Spread
    cut: int
    reopened: float

    @property
    def failures(self) -> int:
        """Requests that failed, of any kind."""
        return sum(self.failed.values())


def figures(samples: Iterable[Sample]) -> Figures:
    """Return what samples come to."""
    found = sorted(samples, key=lambda sample: sample.due)
    requests = [sample for sample in found if sample.kind != CUT]
    quick = [sample for sample in requests if sample.kind in QUICK]
    moments = [sample.due for sample in switches(found)]
    near = [is_near(sample.due, moments) for sample in quick]
    opened = [sample.took for sample in found if sample.kind == OPEN and not sample.wrong]
    return Figures(
        dict(Counter(sample.kind for sample in requests)),
        dict(Counter(f"{sample.kind}: {sample.wrong}" for sample in requests if sample.wrong)),
        len(moments),
        spread([sample.took for sample, is_ in zip(quick, near, strict=True) if is_]),
        spread([sample.took for sample, is_ in zip(quick, near, strict=True) if not is_]),
        spread([sample.late for sample in quick]),
        sum(sample.kind == CUT for sample in found),
        # The first was opened before anything was switched.
        max(opened[1:], default=0.0),
    )


def switches(samples: Sequence[Sample]) -> list[Sample]:
    """Return the first sample of each release that answers: in the order in which they were due.

    An answer of the one before that was due before and came after it is no switch back.
    """
    seen, first = "", list[Sample]()
    stays = (SLOW, ECHO)
    fresh = [each for each in samples if each.release and each.kind not in stays]
    for at, sample in enumerate(fresh):
        # The next ones are from there too, unless it was overtaken by one that was due later.
        following = fresh[at : at + 8]
        if sample.release != seen and all(each.release == sample.release for each in following):
            if seen:
                first.append(sample)
            seen = sample.release
    return first


def is_near(moment: float, moments: Sequence[float]) -> bool:
    """Return whether a moment is near one of others, which are in order."""
    at = bisect_left(moments, moment - AROUND)
    return at < len(moments) and moments[at] <= moment + AROUND


def spread(seconds: Sequence[float]) -> Spread:
    """Return how far these are spread; zeros if there are none."""
    if not seconds:
        return Spread(0, 0.0, 0.0, 0.0)
    inorder = sorted(seconds)
    count = len(inorder)
    return Spread(
        count, inorder[(count - 1) // 2], inorder[min(count - 1, count * 99 // 100)], inorder[-1]
    )
