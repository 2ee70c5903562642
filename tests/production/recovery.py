"""Getting over a disturbance: wait until a host is again all that it should be."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

from testinfra.host import Host

from tests.production import described
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
    try:
        for lot in lots(subject.description):
            for name, found in ask(subject.remote, lot).items():
                if isinstance(found, Silent):
                    raise found
                answers[name] = found
    except Silent as silent:
        hang_up(subject.remote)
        return [str(silent)]
    wrong = []
    for resource in subject.description.resources:
        found_wrong = described.faults(resource, answers.__getitem__)
        wrong += [f"{described.label(resource)}: {fault}" for fault in found_wrong]
    replied = replies(answers["endpoints"])
    results = [(each, fault(each, replied[str(each)])) for each in endpoints(subject.description)]
    return wrong + [f"{endpoint} {bad}" for endpoint, bad in results if bad]


def hang_up(remote: Host) -> None:
    """End the shared connection to a host: it may be one to a machine that is no more."""
    backend = remote.backend
    if backend.get_connection_type() != "ssh":
        return
    line = ["ssh", "-O", "exit"]
    line += ["-F", backend.ssh_config] if backend.ssh_config else []
    line += ["-l", backend.host.user] if backend.host.user else []
    line += ["-p", backend.host.port] if backend.host.port else []
    subprocess.run([*line, "--", backend.host.name], capture_output=True, timeout=10, check=False)
