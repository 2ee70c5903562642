"""What an application is on a host: account, files, venv, release, units, services."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator

from deploys import hardening
from deploys.built import Built
from deploys.configuration import configuration, state_directories
from deploys.front import front
from deploys.health import PROGRAM, health, ready
from deploys.layout import Layout
from deploys.rendering import render, verbatim
from homeport.environment import render as render_environment
from homeport.files import Directory, File
from homeport.fingerprint import sha256
from homeport.manifest import App, Init, Job, Process, Schedule, render_command
from homeport.manifest.complaints import KeyPath
from operations.accounts import Account
from operations.programs import Program
from operations.releases import Release
from operations.running import Current, Once, Reads, Service
from operations.units import FOLDER, Unit
from operations.venvs import Venv

PROGRAMS = ("record", "run", "check-imports", "check-config", "initialised", PROGRAM)


def application(app: App, built: Built) -> Iterator[object]:
    """Yield everything that the application consists of on one host."""
    place = Layout(app.name)
    yield Account(app.name, place.state)
    yield from _directories(place)
    files = _environment(app, built, place)
    programs = [File(place.program(name), verbatim(f"host/{name}"), "755") for name in PROGRAMS]
    yield from (*files, *programs)

    venv = Venv(place.venv(built.lock.id), built.lock, built.target, app.index, built.contents)
    release = Release(
        place.release(built.artifact.id, built.lock.id),
        built.artifact,
        venv,
        user=app.name,
        check=place.program("check-imports"),
        environment=place.environment,
        named=named(app),
        skip_imports=app.skip_imports,
    )
    current = Current(place.current, release.path, venv.path)
    configs = list(configuration(app, built, place, release))
    yield from (venv, release, *configs, current)
    yield from _programs(app, release)

    read = [*files, *(file for file in programs if file.path == place.program("run"))]
    read += [config.entry for config in configs if isinstance(config.entry, File)]
    reads = tuple(Reads(file.path, sha256(file.content), file.secret) for file in read)
    for name, init in app.init.items():
        yield from _init(app, place, name, init)
    for name, process in app.processes.items():
        yield from _process(app, place, name, process, current, reads)
    yield from health(app, place)
    yield from front(app, built.target, place)
    for name, schedule in app.schedules.items():
        yield from _schedule(app, place, name, schedule)


def _commands(app: App) -> Iterator[tuple[KeyPath, tuple[str, ...]]]:
    """Yield each key that has a command, and the command's words."""
    places = Layout(app.name).places
    for name, process in app.processes.items():
        yield ("processes", name, "command"), render_command(process, "", places)
    jobs = {"schedules": app.schedules, "init": app.init}
    for section, described in jobs.items():
        for name, job in described.items():
            yield (section, name, "command"), render_command(job, None, places)


def _programs(app: App, release: Release) -> Iterator[Program]:
    for path, words in _commands(app):
        place = app.mistake(path, "", "")
        yield Program(words[0], release, ".".join(map(str, path)), place.file, place.line)


MODULE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_][\w.]*(?:\(.*\))?")
"""An application as gunicorn, uvicorn and others of their kind have it: ``package.module:name``."""


def named(app: App) -> tuple[str, ...]:
    """Return the modules that the application's commands start from."""
    return tuple(dict.fromkeys(_named(app)))


def _named(app: App) -> Iterator[str]:
    processes = [process.command for process in app.processes.values()]
    jobs = [job.command for job in (*app.schedules.values(), *app.init.values())]
    for command in (*processes, *jobs):
        words = command.split()
        yield from (found[1] for word in words if (found := MODULE.fullmatch(word)))
        yield from (after for word, after in itertools.pairwise(words) if word == "-m")


def _directories(place: Layout) -> Iterator[Directory]:
    for path in (place.home, f"{place.home}/bin", f"{place.home}/venvs", f"{place.home}/releases"):
        yield Directory(path)
    yield from (Directory("/etc/homeport"), Directory(place.config))


def _environment(app: App, built: Built, place: Layout) -> list[File]:
    public, secret = place.environment
    return [
        File(public, render_environment(app.environment), "640", group=app.name),
        File(secret, render_environment(built.secrets), "600", secret=True),
    ]


def _process(
    app: App,
    place: Layout,
    name: str,
    process: Process,
    current: Current,
    reads: tuple[Reads, ...],
) -> Iterator[object]:
    unit = app.unit(name)
    command = render_command(process, place.socket(name), place.places)
    unit_file = f"{FOLDER}/{unit}.service"
    watched = [*current.followed, *(file.path for file in reads), unit_file]
    values = {
        **_common(app, place, name),
        "type": "notify" if process.notify else "exec",
        "command": command,
        "record": place.program("record"),
        "reads": watched,
        "restarts": True,
        "watchdog": process.watchdog,
        "memory": process.memory,
        "tasks": process.tasks or 512,
        "stop_timeout": process.stop_timeout,
        "start_timeout": None,
        "hardening": hardening.lines(process.relax),
    }
    # The unit carries its own digest, so that what systemd loaded can tell which text it was.
    digest = sha256(render("service.j2", digest="", **values).encode())[:16]
    text = render("service.j2", digest=digest, **values)
    read = (*reads, Reads(unit_file, sha256(text.encode())))
    yield Unit(f"{unit}.service", text)
    deadline = process.health.start if process.health else 90
    yield Service(f"{unit}.service", digest, read, current, ready(app, place, name), deadline)


def _schedule(app: App, place: Layout, name: str, schedule: Schedule) -> Iterator[object]:
    unit = app.unit(name)
    yield _oneshot(app, place, name, schedule)
    yield Unit(f"{unit}.timer", render("timer.j2", app=app.name, name=name, at=schedule.at))
    yield Service(f"{unit}.timer")


def _init(app: App, place: Layout, name: str, init: Init) -> Iterator[object]:
    once = Once(
        f"{app.unit(name)}.service",
        place.record(name),
        shlex.join(render_command(init, None, place.places)),
    )
    yield _oneshot(app, place, name, init, once)
    yield once


def _oneshot(app: App, place: Layout, name: str, job: Job, once: Once | None = None) -> Unit:
    values = {
        **_common(app, place, name),
        "type": "oneshot",
        "command": render_command(job, None, place.places),
        "digest": None,
        "restarts": False,
        "watchdog": None,
        "memory": job.memory,
        "tasks": 512,
        "stop_timeout": 30,
        "start_timeout": job.timeout,
        "hardening": hardening.lines(job.relax),
        "once": once and once.record,
        "said": once and once.command,
        "initialised": place.program("initialised"),
    }
    return Unit(f"{app.unit(name)}.service", render("service.j2", **values))


def _common(app: App, place: Layout, name: str) -> dict[str, object]:
    return {
        "app": app.name,
        "name": name,
        "unit": app.unit(name),
        "current": place.current,
        "run": place.program("run"),
        "environment_files": place.environment,
        "state_directories": state_directories(app),
        "configuration": place.files if app.config else None,
        "once": None,
    }
