"""The description of a server: its packages, and all parts of the application."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from homeport.artifacts import PythonPlatform
from homeport.description.app_build import AppBuild
from homeport.description.config_files import configuration, verdict
from homeport.description.health import PROGRAM, health
from homeport.description.jobs import jobs
from homeport.description.paths import HostPaths
from homeport.description.processes import processes
from homeport.description.sandbox import commands, sandbox, strictest
from homeport.engine.host_programs import host_program
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.files.env_file import render
from homeport.hostctl import protocol
from homeport.manifest import App, fill, render_command
from homeport.manifest.types.issues import KeyPath
from homeport.operations.executables import Executable
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform
from homeport.operations.releases import Release, StartedFrom
from homeport.operations.services.resources import CurrentLink, ServiceInput
from homeport.operations.users.resources import ServiceUser
from homeport.operations.venvs.resources import Venv

PROGRAMS = (
    *("record-start", "run", "run-confined", "check-imports", "mark-done", PROGRAM),
    *("wait-for-socket", "publish-socket"),
)


TOOLS = ("ca-certificates", "curl", "python3-yaml")
"""The Debian packages of every server, whatever runs on it."""


def base(app: App, target: PythonPlatform) -> tuple[object, ...]:
    """Return the machine that is expected, and the Debian packages that it needs."""
    names = dict.fromkeys((f"python{app.python}", *TOOLS, *app.apt_packages))
    return (
        HostPlatform(target.architecture, target.debian),
        *(Package(name) for name in names),
    )


def application(app: App, built: AppBuild) -> Iterator[object]:
    """Yield everything that the application consists of on one host."""
    place = HostPaths(app.name)
    yield account(app, place)
    yield from _directories(place)
    files = _environment(app, built, place)
    programs = [File(place.program(name), host_program(name), "755") for name in PROGRAMS]
    yield from (*files, *programs)

    venv = Venv(place.venv(built.lock.id), built.lock, built.target, app.index_url, built.contents)
    release = Release(
        place.release(built.artifact.id, built.lock.id),
        built.artifact,
        venv,
        check=place.program("check-imports"),
        environment=place.environment,
        sandbox=sandbox(app, place, strictest(app)),
        named=named(app),
        started=tuple(_started(app, place)),
        skip_imports=app.skip_imports,
    )
    current = CurrentLink(place.current, release.path, venv.path)
    configs = list(configuration(app, built, place, release))
    yield from (venv, release, *configs, current)
    yield from _programs(app, release)

    read = [*files, *(file for file in programs if file.path == place.program("run"))]
    read += [config.entry for config in configs if isinstance(config.entry, File)]
    reads = tuple(ServiceInput(file.path, sha256(file.content), file.secret) for file in read)
    yield from verdict(app, place, release, reads)
    backs_off = built.target.debian != "12"
    yield from processes(app, place, current, reads, backs_off=backs_off)
    yield from health(app, place)
    if app.proxy is not None:
        # Others spare themselves the import.
        from homeport.description.proxy import proxy

        yield from proxy(app, built.target, place)
    yield from jobs(app, place)


def account(app: App, place: HostPaths) -> ServiceUser:
    """Return the account of the application, with the directories that systemd gives to it."""
    runtime = [place.runtime(name) for name in (*app.schedules, *app.run_once)]
    for name, process in app.processes.items():
        slotted = [f"{name}-{slot}" for slot in protocol.SLOTS]
        runtime += map(place.runtime, slotted if process.slotted else [name])
    directories = (place.state, place.cache, place.logs)
    return ServiceUser(app.name, place.state, directories, tuple(runtime), place.home)


def _commands(app: App) -> Iterator[tuple[KeyPath, tuple[str, ...]]]:
    """Yield each key that has a command, and the command's words."""
    places = HostPaths(app.name).places
    for name, process in app.processes.items():
        yield ("processes", name, "command"), render_command(process, "", places)
    ending = {"schedules": app.schedules, "run_once": app.run_once}
    for section, described in ending.items():
        for name, job in described.items():
            yield (section, name, "command"), render_command(job, None, places)
    if app.release_check is not None:
        yield ("release_check",), fill(app.release_check, places)


def _programs(app: App, release: Release) -> Iterator[Executable]:
    for path, words in _commands(app):
        place = app.error(path, "", "")
        yield Executable(words[0], release, ".".join(map(str, path)), place.file, place.line)


MODULE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_][\w.]*(?:\(.*\))?")
"""An application as gunicorn, uvicorn and others of their kind have it: ``package.module:name``."""


SCRIPT = re.compile(r"(?:\./)?(?:src/)?([A-Za-z_]\w*)\.py")
"""A module at the top of the application, as Python takes it for a script."""


def named(app: App) -> tuple[str, ...]:
    """Return the modules that the application's commands start from."""
    lines = (*(command for command, _ in commands(app)), app.release_check or "")
    return tuple(dict.fromkeys(name for line in lines for name in _named(line)))


def _named(command: str) -> Iterator[str]:
    words = command.split()
    yield from (found[1] for word in words if (found := MODULE.fullmatch(word)))
    yield from (found[1] for word in words if (found := SCRIPT.fullmatch(word)))
    yield from (after for word, after in itertools.pairwise(words) if word == "-m")


def _started(app: App, place: HostPaths) -> Iterator[StartedFrom]:
    """Yield the modules of commands that run in another sandbox than the strictest."""
    strict = strictest(app)
    modules: dict[frozenset[str], list[str]] = {}
    for command, disabled in commands(app):
        modules.setdefault(frozenset(disabled), []).extend(_named(command))
    in_strict = set(modules.get(strict, ()))
    for disabled in sorted(modules.keys() - {strict}, key=sorted):
        if names := [name for name in dict.fromkeys(modules[disabled]) if name not in in_strict]:
            yield StartedFrom(sandbox(app, place, disabled), tuple(names))


def _directories(place: HostPaths) -> Iterator[Directory]:
    for path in (place.home, f"{place.home}/bin", f"{place.home}/venvs", f"{place.home}/releases"):
        yield Directory(path)
    yield from (Directory(protocol.CONFIG), Directory(place.config))


def _environment(app: App, built: AppBuild, place: HostPaths) -> list[File]:
    public, secret = place.environment
    return [
        File(public, render(app.environment), "640", group=app.name),
        File(secret, render(built.secrets), "600", secret=True),
    ]
