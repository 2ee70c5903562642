"""The description of a laptop: files below one folder, a venv, and git's hooks.

No account, no unit and no service: its processes run while the user runs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from shlex import join, quote

from homeport.description.laptop_facts import LaptopFacts, honcho
from homeport.description.rendering import render
from homeport.description.server import named
from homeport.engine.host_programs import host_program
from homeport.engine.kind import DesiredState, SnapshotContext
from homeport.errors import UserError
from homeport.files.entries import Directory, File
from homeport.files.env_file import render as render_environment
from homeport.manifest import App, folders, hook_words, render_command
from homeport.operations.git_hooks import GitHook, mark
from homeport.operations.platform.resources import LocalPlatform
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink
from homeport.operations.venvs.resources import Venv

LONGEST_SOCKET = 107
MESSAGES = ("applypatch-msg", "prepare-commit-msg", "commit-msg", "sendemail-validate")
"""Hooks that git gives a file to judge; it becomes the last argument of their command."""


def laptop(app: App, here: LaptopFacts) -> DesiredState:
    """Return the resources of the machine that deploys. Pure: nothing is read, nothing is asked."""
    snapshot_context = SnapshotContext(here.user, here.group, here.place.own)
    return DesiredState(app.name, tuple(_resources(app, here)), snapshot_context)


def _resources(app: App, here: LaptopFacts) -> Iterator[object]:
    git = here.git if app.git_hooks else None
    yield LocalPlatform(app.python, here.interpreter, app.apt_packages, git)
    yield from _directories(app, here)
    yield from _files(app, here)
    place, lock = here.place, here.lock
    venv = Venv(
        place.venv(lock.id),
        lock,
        here.target,
        app.index_url,
        here.contents,
        store=f"{place.own}/cache",
        python=here.interpreter,
    )
    yield venv
    if here.artifact is not None:
        check = place.program("check-imports")
        yield File(check, host_program("check-imports"), "700", here.user, here.group)
        release = Release(
            place.release(here.artifact.id, lock.id),
            here.artifact,
            venv,
            check=check,
            environment=place.environment,
            named=named(app),
            skip_imports=app.skip_imports,
            owner=here.user,
        )
        yield release
        yield CurrentLink(place.current, release.path, venv.path)
    yield CurrentLink(place.latest, venv.path, venv.path, what="venv")
    yield from _hooks(app, here)


def _directories(app: App, here: LaptopFacts) -> Iterator[Directory]:
    place = here.place
    private = [place.folder, place.state, place.cache, place.logs, place.sockets]
    private += [f"{place.state}/{above}" for folder in app.data for above in _upwards(folder)]
    private += [place.runtime(process) for process in app.processes]
    if app.config_files:
        inner = (folder for name in app.config_files for folder in folders(name))
        private += [place.files, *(f"{place.files}/{folder}" for folder in inner)]
    code = [f"{place.home}/venvs"]
    code += [f"{place.home}/bin", f"{place.home}/releases"] if here.artifact is not None else []
    for mode, paths in (("700", private), ("755", code)):
        yield from (Directory(p, mode, here.user, here.group) for p in dict.fromkeys(paths))


def _upwards(folder: str) -> list[str]:
    path = PurePosixPath(folder)
    return [str(above) for above in (*reversed(path.parents[:-1]), path)]


def _files(app: App, here: LaptopFacts) -> Iterator[File]:
    place, own = here.place, (here.user, here.group)
    public, secret = place.environment
    yield File(public, render_environment(app.environment), "600", *own)
    yield File(secret, render_environment(here.secrets), "600", *own, secret=True)
    for name, made in here.configuration.items():
        yield File(f"{place.files}/{name}", made.content, "600", *own, secret=made.secret)
    yield File(place.procfile, "".join(_procfile(app, here)).encode(), "600", *own)
    folders_of_data = sorted([place.state, *(f"{place.state}/{folder}" for folder in app.data)])
    code = here.code or place.current
    program = render(
        "laptop/run.j2",
        python=f"{place.latest}/bin/python",
        # Paths are of plain characters, so they are literals of Python as they are of JSON.
        local=repr(place.folder),
        code=repr(code),
        venv=repr(place.latest if here.code else f"{place.current}/venv"),
        state=repr(":".join(folders_of_data)),
        configuration=repr(place.files) if app.config_files else None,
        honcho=repr(honcho()),
    )
    yield File(place.run, program.encode(), "700", *own)


def _procfile(app: App, here: LaptopFacts) -> Iterator[str]:
    for name, process in app.processes.items():
        socket = here.place.socket(name)
        if process.listen == "socket" and len(socket) > LONGEST_SOCKET:
            raise UserError(
                f"the path of its socket is longer than {LONGEST_SOCKET} characters: {socket}",
                fix="move the project to a shorter path, or let the process listen on a port",
                key=f"processes.{name}.listen",
            )
        words = render_command(process, socket, here.place.places)
        yield f"{name}: exec {join([here.place.run, *words])}\n"


def _hooks(app: App, here: LaptopFacts) -> Iterator[GitHook]:
    if not here.git:
        return
    # Work trees of one repository share its hooks, so each starts the program of its own tree.
    run = PurePosixPath(here.place.run).relative_to(here.top)
    for name, command in app.git_hooks.items():
        text = render(
            "laptop/hook.j2",
            mark=mark(app.name),
            name=name,
            run=quote(str(run)),
            command=join(hook_words(command)),
            message=name in MESSAGES,
        )
        yield GitHook(str(here.hooks / name), text, here.user, here.group)
