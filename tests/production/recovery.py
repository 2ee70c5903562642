"""Getting over a disturbance: wait until a host is again all that it should be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tests.production import described, serving
from tests.production.endpoints import endpoints, fault, replies
from tests.production.questions import lots
from tests.production.subject import Silent, Subject, ask

T = TypeVar("T")


def until(observe: Callable[[], T], good: Callable[[T], bool], seconds: float) -> T:
    """Return what is seen as soon as it is good, or what is seen when the time is over."""
    end = time.monotonic() + seconds
    while not good(seen := observe()) and time.monotonic() < end:
        time.sleep(0.5)
    return seen


def faults(subject: Subject) -> list[str]:
    """Return all that a host is not, of what is described, and every endpoint that is silent."""
    answers: dict[str, str] = {}
    for lot in lots(subject.description):
        for name, found in ask(subject.remote, lot).items():
            if isinstance(found, Silent):
                return [str(found)]
            answers[name] = found
    wrong = []
    for resource in subject.description.resources:
        found_wrong = described.faults(resource, answers.__getitem__)
        wrong += [f"{described.label(resource)}: {fault}" for fault in found_wrong]
    replied = replies(answers["endpoints"])
    for name, process in serving.reached(subject.description).items():
        wrong += [f"{name}: {bad}" for bad in serving.faults(name, process, answers["people"])]
    results = [(each, fault(each, replied[str(each)])) for each in endpoints(subject.description)]
    return wrong + [f"{endpoint} {bad}" for endpoint, bad in results if bad]
