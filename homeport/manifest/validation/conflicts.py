"""The conflicts between parts of an application."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from posixpath import normpath
from urllib.parse import unquote

from homeport.hostctl.protocol import SLOTS
from homeport.manifest.model.app import App
from homeport.manifest.model.config_file import folders
from homeport.manifest.model.health import watcher
from homeport.manifest.model.process import Process
from homeport.manifest.model.source import PackageSource
from homeport.manifest.types.command import placeholders
from homeport.manifest.types.issues import Issue, KeyPath, quoted

NOUNS = {
    "processes": "a process",
    "schedules": "a schedule",
    "run_once": "a command that runs once",
}
LOCK = (
    "write {name}=={version} into requirements.in, make a lock of it with `uv pip compile "
    "--universal --generate-hashes --no-emit-index-url --output-file requirements.txt "
    "requirements.in`, and set requirements: requirements.txt"
)


def conflicts(app: App) -> Iterator[Issue]:
    """Yield a complaint for each two keys of an application that can't both hold."""
    if not app.processes and not app.schedules:
        fix = "describe at least one below processes or schedules"
        keys = (("processes",), ("schedules",))
        yield Issue("there is no process and no schedule", fix, keys)
    if isinstance(app.source, PackageSource) and app.requirements is None:
        fix = LOCK.format(name=app.source.package, version=app.source.version)
        yield Issue(
            "a package comes with a lock, and none is named", fix, (("source",), ("requirements",))
        )
    yield from _same_unit(app)
    yield from _watchers_unit(app)
    yield from _slots_unit(app)
    yield from _set_twice(app.environment, app.secrets)
    yield from _same_port(app.processes)
    yield from _file_and_folder(app.config_files)
    yield from _no_way_in(app)
    if not app.config_files:
        yield from _no_config(app)


def _same_unit(app: App) -> Iterator[Issue]:
    first: dict[str, str] = {}
    for section, names in _named_units(app).items():
        for name in names:
            other = first.setdefault(name, section)
            if other != section:
                what = f"{NOUNS[other]} has this name as well, and so its unit would have"
                yield Issue(what, "rename one of the two", ((section, name), (other, name)))


def _named_units(app: App) -> dict[str, Collection[str]]:
    return {"processes": app.processes, "schedules": app.schedules, "run_once": app.run_once}


def _watchers_unit(app: App) -> Iterator[Issue]:
    for watched in app.watched:
        name, path = watcher(watched), ("processes", watched)
        for section, names in _named_units(app).items():
            if name in names:
                what = f"the unit that watches {watched} has this name"
                yield Issue(what, "give it another name", ((section, name), path))


def _slots_unit(app: App) -> Iterator[Issue]:
    for slotted, process in app.processes.items():
        if not process.slotted:
            continue
        for section, names in _named_units(app).items():
            for name in (f"{slotted}-{slot}" for slot in SLOTS):
                if name in names:
                    what = f"the directory of a slot of {slotted} has this name, in /run"
                    listen = ("processes", slotted, "listen")
                    yield Issue(what, "give it another name", ((section, name), listen))


def _set_twice(environment: Collection[str], secrets: Collection[str]) -> Iterator[Issue]:
    for name in secrets:
        if name in environment:
            what = "environment sets this variable as well"
            yield Issue(what, "keep one of the two", (("secrets", name), ("environment", name)))


def _same_port(processes: Mapping[str, Process]) -> Iterator[Issue]:
    first: dict[int, str] = {}
    for name, process in processes.items():
        if not isinstance(process.listen, int):
            continue
        other = first.setdefault(process.listen, name)
        if other != name:
            what = f"{other} listens on port {process.listen} as well"
            keys = (("processes", name, "listen"), ("processes", other, "listen"))
            yield Issue(what, "give one of the two another port", keys)


def _file_and_folder(config: Collection[str]) -> Iterator[Issue]:
    for name in config:
        for folder in folders(name):
            if folder in config:
                keys: tuple[KeyPath, ...] = (("config_files", name), ("config_files", folder))
                yield Issue(f"{folder} is a file as well", "rename one of the two", keys)


def _no_config(app: App) -> Iterator[Issue]:
    commands: dict[KeyPath, str] = (
        {("release_check",): app.release_check} if app.release_check else {}
    )
    for section in ("processes", "schedules", "run_once"):
        for name, each in getattr(app, section).items():
            commands[section, name, "command"] = each.command
    for key, command in commands.items():
        if "config" in placeholders(command):
            what = "{config} means nothing here: there are no configuration files"
            yield Issue(what, "describe them below config_files", (key, ("config_files",)))


def health_paths(app: App) -> tuple[str, ...]:
    """Return the paths that the process behind the proxy is asked for, as nginx compares them."""
    process = app.processes.get(app.proxy.process) if app.proxy else None
    if process is None or process.health is None:
        return ()
    checks = (process.health.live, process.health.ready)
    written = (unquote(each.path.partition("?")[0]) for each in checks if each)
    return tuple(dict.fromkeys(f"/{normpath(path).lstrip('/')}" for path in written))


def _no_way_in(app: App) -> Iterator[Issue]:
    """Yield a complaint for each way in which the proxy doesn't fit the processes behind it."""
    if app.proxy is None or not (app.processes or app.schedules):
        return
    here: KeyPath = ("proxy", "process")
    process = app.processes.get(app.proxy.process)
    if process is None:
        near = get_close_matches(app.proxy.process, app.processes, 1)
        fix = f"write {near[0]}" if near else "name one that stands below processes"
        yield Issue(f"there is no process {quoted(app.proxy.process)}", fix, (here, ("processes",)))
    elif process.listen != "socket":
        what = f"{app.proxy.process} does not listen on a socket"
        fix = "write listen: socket there, and {socket} in its command"
        yield Issue(what, fix, (here, ("processes", app.proxy.process, "listen")))
    elif not app.proxy.expose_health_paths and "/" in health_paths(app):
        what = "health asks for /, which would be closed to others than the host itself"
        fix = "ask for another path, or write expose_health_paths: true"
        path: KeyPath = ("processes", app.proxy.process, "health")
        yield Issue(what, fix, (("proxy",), path))
    for name, each in app.processes.items():
        if each.listen in app.proxy.ports:
            what = f"{name} listens on port {each.listen}, and nginx has to"
            keys: tuple[KeyPath, ...] = (("processes", name, "listen"), ("proxy",))
            yield Issue(what, "give one of the two another port", keys)
