"""The application's configuration files on a host, and how their checks run there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from homeport.description import hardening
from homeport.description.app_build import AppBuild
from homeport.description.paths import HostPaths
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.manifest import App, Job, Process, fill, folders
from homeport.operations.config_files import FILE, CheckRunner, ConfigFile
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import ServiceInput

SECONDS = 120
"""How long a check may take."""


def configuration(
    app: App, built: AppBuild, place: HostPaths, release: Release
) -> Iterator[ConfigFile]:
    """Yield the folders and files of the application's configuration."""
    if not app.config_files:
        return
    inner = dict.fromkeys(folder for name in app.config_files for folder in folders(name))
    for path in (place.files, *(f"{place.files}/{folder}" for folder in inner)):
        yield ConfigFile(Directory(path, "750", group=app.name))
    checker = _checker(app, place, release)
    for name, described in app.config_files.items():
        made = built.configuration[name]
        # The mode tells later looks that the content is none to show, whatever is described then.
        mode = "440" if made.secret else "640"
        path = f"{place.files}/{name}"
        file = File(path, made.content, mode, group=app.name, secret=made.secret)
        if described.validate_with is None:
            yield ConfigFile(file)
        else:
            yield ConfigFile(
                file, fill(described.validate_with, {"file": FILE, **place.places}), checker
            )


def verdict(
    app: App, place: HostPaths, release: Release, reads: Sequence[ServiceInput]
) -> Iterator[ReleaseCheck]:
    """Yield the application's own check of a release, if it has one."""
    if app.release_check is None:
        return
    command, checker = fill(app.release_check, place.places), _checker(app, place, release)
    # A digest of digests: whatever the check may see, another of it is another thing to judge.
    seen = [f"{read.sha256} {read.path}" for read in reads]
    digest = sha256("\0".join([*command, checker.release, *checker.properties, *seen]).encode())
    yield ReleaseCheck(place.checked, command, checker, digest)


def _checker(app: App, place: HostPaths, release: Release) -> CheckRunner:
    # As its processes are, so is the check: what one of them can't live with, it can't either.
    parts: list[Process | Job] = [*app.processes.values(), *app.schedules.values()]
    parts += app.run_once.values()
    relax = {directive for part in parts for directive in part.disable_hardening}
    properties = (
        f"User={app.name}",
        f"Group={app.name}",
        *(f"EnvironmentFile={path}" for path in place.environment),
        *([f"Environment=CONFIGURATION_DIRECTORY={place.files}"] if app.config_files else []),
        f"StateDirectory={' '.join(state_directories(app))}",
        "StateDirectoryMode=0700",
        f"CacheDirectory={app.name}",
        "CacheDirectoryMode=0700",
        f"LogsDirectory={app.name}",
        "LogsDirectoryMode=0700",
        "TasksMax=512",
        f"RuntimeMaxSec={SECONDS}",
        *hardening.lines(relax),
    )
    return CheckRunner(
        user=app.name,
        release=release.path,
        current=place.current,
        secrets=place.environment[1],
        program=place.program("check-config"),
        run=place.program("run"),
        properties=properties,
    )


def state_directories(app: App) -> list[str]:
    """Return the directories of the application's data, below /var/lib."""
    return [app.name, *(f"{app.name}/{folder}" for folder in app.data)]
