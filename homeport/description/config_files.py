"""The application's configuration files on a host, and how their checks run there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from homeport.description.app_build import AppBuild
from homeport.description.paths import HostPaths
from homeport.description.sandbox import sandbox, strictest
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.manifest import App, fill, folders
from homeport.operations.config_files import FILE, CheckRunner, ConfigFile
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import ServiceInput


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
    runner = [checker.release, *checker.sandbox.properties]
    digest = sha256("\0".join([*command, *runner, *seen]).encode())
    yield ReleaseCheck(place.checked, command, checker, digest)


def _checker(app: App, place: HostPaths, release: Release) -> CheckRunner:
    # No command of a process is the check's: it runs in the strictest of their sandboxes.
    return CheckRunner(release.path, place.current, sandbox(app, place, strictest(app)))
