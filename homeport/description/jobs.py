"""The processes that end: by the calendar, or once on a host."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from homeport.description import hardening
from homeport.description.paths import HostPaths
from homeport.description.processes import surroundings
from homeport.description.rendering import render
from homeport.manifest import App, Job, RunOnceJob, Schedule, render_command
from homeport.operations.services.resources import RunOnce, Service
from homeport.operations.units.resources import Unit


def jobs(app: App, place: HostPaths) -> Iterator[object]:
    """Yield the units of what runs once, and the units and timers of what runs by the calendar."""
    for name, init in app.run_once.items():
        yield from _init(app, place, name, init)
    for name, schedule in app.schedules.items():
        yield from _schedule(app, place, name, schedule)


def _schedule(app: App, place: HostPaths, name: str, schedule: Schedule) -> Iterator[object]:
    unit = app.unit(name)
    yield _oneshot(app, place, name, schedule)
    yield Unit(f"{unit}.timer", render("server/timer.j2", app=app.name, name=name, at=schedule.at))
    yield Service(f"{unit}.timer")


def _init(app: App, place: HostPaths, name: str, init: RunOnceJob) -> Iterator[object]:
    once = RunOnce(
        f"{app.unit(name)}.service",
        place.record(name),
        shlex.join(render_command(init, None, place.places)),
    )
    yield _oneshot(app, place, name, init, once)
    yield once


def _oneshot(app: App, place: HostPaths, name: str, job: Job, once: RunOnce | None = None) -> Unit:
    values = {
        **surroundings(app, place, name),
        "type": "oneshot",
        "command": render_command(job, None, place.places),
        "memory": job.memory,
        "tasks": 512,
        "stop_timeout": 30,
        "start_timeout": job.timeout,
        "hardening": hardening.lines(job.disable_hardening),
        "once": once and once.record,
        "said": once and once.command,
        "mark_done": place.program("mark-done"),
    }
    return Unit(f"{app.unit(name)}.service", render("server/service.j2", **values))
