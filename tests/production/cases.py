"""What there is to prove on a host, by the name under which a spec asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.production import described
from tests.production.endpoints import Endpoint, endpoints
from tests.production.subject import Subject

CASES: dict[str, Callable[[Subject], Sequence[object]]] = {
    "resource": lambda subject: subject.description.resources,
    "endpoint": lambda subject: list(endpoints(subject.app)),
    "process": lambda subject: list(subject.app.processes),
    "schedule": lambda subject: list(subject.app.schedules),
    "unit": lambda subject: [
        subject.app.unit(name)
        for name in (*subject.app.processes, *subject.app.schedules, *subject.app.init)
    ],
    "watched": lambda subject: [
        name for name, process in subject.app.processes.items() if process.watchdog
    ],
}


def label(case: object) -> str:
    """Return how a case is called in the name of its spec."""
    return str(case) if isinstance(case, str | Endpoint) else described.label(case)
