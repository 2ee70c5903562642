"""What the parts of an application say against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from homeport.manifest.complaints import Complaint
from homeport.manifest.health import watcher
from homeport.manifest.process import Process


def conflicts(
    processes: Mapping[str, Process],
    schedules: Collection[str],
    environment: Collection[str],
    secrets: Collection[str],
) -> Iterator[Complaint]:
    """Yield a complaint for each two keys of an application that can't both hold."""
    if not processes and not schedules:
        mend = "describe at least one below processes or schedules"
        keys = (("processes",), ("schedules",))
        yield Complaint("there is no process and no schedule", mend, keys)
    yield from _same_unit(processes, schedules)
    yield from _watchers_unit(processes, schedules)
    yield from _set_twice(environment, secrets)
    yield from _same_port(processes)


def _same_unit(processes: Collection[str], schedules: Collection[str]) -> Iterator[Complaint]:
    for name in schedules:
        if name in processes:
            what = "a process has this name as well, and so its unit would have"
            yield Complaint(
                what, "rename one of the two", (("schedules", name), ("processes", name))
            )


def _watchers_unit(
    processes: Mapping[str, Process], schedules: Collection[str]
) -> Iterator[Complaint]:
    for watched, process in processes.items():
        if process.health is None or process.health.live is None:
            continue
        name, asked = watcher(watched), ("processes", watched, "health", "live")
        for section, names in (("processes", processes), ("schedules", schedules)):
            if name in names:
                what = f"the unit that asks whether {watched} lives has this name"
                yield Complaint(what, "give it another name", ((section, name), asked))


def _set_twice(environment: Collection[str], secrets: Collection[str]) -> Iterator[Complaint]:
    for name in secrets:
        if name in environment:
            what = "environment sets this variable as well"
            yield Complaint(what, "keep one of the two", (("secrets", name), ("environment", name)))


def _same_port(processes: Mapping[str, Process]) -> Iterator[Complaint]:
    first: dict[int, str] = {}
    for name, process in processes.items():
        if not isinstance(process.listen, int):
            continue
        other = first.setdefault(process.listen, name)
        if other != name:
            what = f"{other} listens on port {process.listen} as well"
            keys = (("processes", name, "listen"), ("processes", other, "listen"))
            yield Complaint(what, "give one of the two another port", keys)
