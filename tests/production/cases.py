"""What there is to prove on a host, by the name under which a spec asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from homeport.operations.proxy.resources import Site
from homeport.operations.units.resources import Unit
from homeport.operations.users.resources import ServiceUser
from tests.production import described
from tests.production.endpoints import Endpoint, endpoints
from tests.production.serving import reached
from tests.production.subject import Subject


def _served(subject: Subject, names: Iterable[str]) -> list[str]:
    """Return which of these have a unit: on a laptop none has, and nothing starts it there."""
    units = {unit.name for unit in subject.description.of(Unit)}
    ours = {name: {f"{subject.app.unit(name)}{at}.service" for at in ("", "@")} for name in names}
    return [name for name, units_of in ours.items() if units & units_of]


def _processes(subject: Subject) -> list[str]:
    return _served(subject, subject.app.processes)


def _schedules(subject: Subject) -> list[str]:
    return _served(subject, subject.app.schedules)


def alive(subject: Subject) -> list[str]:
    """Return the processes that a timer asks whether they live, or whether people reach them."""
    units = {unit.name for unit in subject.description.of(Unit)}
    return [name for name in subject.app.watched if f"{subject.app.watcher(name)}.timer" in units]


CASES: dict[str, Callable[[Subject], Sequence[object]]] = {
    "resource": lambda subject: subject.description.resources,
    "account": lambda subject: subject.description.of(ServiceUser),
    "endpoint": lambda subject: list(endpoints(subject.description)),
    "reached": lambda subject: list(reached(subject.description)),
    "site": lambda subject: subject.description.of(Site),
    "process": _processes,
    "schedule": _schedules,
    "unit": lambda subject: [
        *(
            subject.app.unit(name)
            for name in (
                *_processes(subject),
                *_schedules(subject),
                *_served(subject, subject.app.run_once),
            )
        ),
        *(subject.app.watcher(name) for name in alive(subject)),
    ],
    "alive": lambda subject: alive(subject),
    "watched": lambda subject: [
        name for name in _processes(subject) if subject.app.processes[name].watchdog
    ],
}


def label(case: object) -> str:
    """Return how a case is called in the name of its spec."""
    return str(case) if isinstance(case, str | Endpoint) else described.label(case)
