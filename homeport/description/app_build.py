"""The build of an application, ready before any host is probed: code, lock and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from homeport import artifacts, secret_refs
from homeport.artifacts import Artifact, Lock, PythonPlatform, WheelContents
from homeport.description.host_data import DEFAULTS, HostData
from homeport.description.own_files import own_files, own_files_of_commit
from homeport.description.paths import HostPaths
from homeport.description.user_templates import Rendered, render_templates
from homeport.errors import UserError
from homeport.hostctl import masking
from homeport.manifest import App, DirectorySource, FileSecret, GitSource, PackageSource, PathSource

if TYPE_CHECKING:
    from homeport.artifacts.build_file import BuildFile

Secrets = Callable[[App], Mapping[str, str]]


@dataclass(frozen=True)
class AppBuild:
    """The application for one host: artifact, lock, secrets and configuration files by name.

    + contents: what the locked wheels bring, if every file of a host is to be compared with them
    """

    target: PythonPlatform
    artifact: Artifact
    lock: Lock
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    contents: Mapping[str, WheelContents] | None = field(default=None, repr=False)
    configuration: Mapping[str, Rendered] = field(default_factory=dict)


def resolve_secrets(app: App) -> dict[str, str]:
    """Return every secret by its name; raises ``UserError`` for one that can't be read."""
    return dict(_secrets(app))


def _secrets(app: App) -> Iterator[tuple[str, str]]:
    for name in app.secrets:
        yield name, resolve_secret(app, name)


def resolve_secret(app: App, name: str) -> str:
    """Return one secret; raises ``UserError`` if it can't be read."""
    secret, key = app.secrets[name], f"secrets.{name}"
    with _blamed(app, "secrets", name):
        if isinstance(secret, FileSecret):
            value = _from_file(app.resolve(secret.file), key)
        else:
            value = _from_command(secret.command, key, app.root)
    masking.KNOWN.add(name, value)
    return value


def redacted_secrets(app: App) -> dict[str, str]:
    """Return the secrets' names alone, for pages that only show the description."""
    return dict.fromkeys(app.secrets, "")


def build(
    app: App,
    target: PythonPlatform,
    data: HostData = DEFAULTS,
    *,
    secrets: Secrets = resolve_secrets,
) -> AppBuild:
    """Return what the application is made of on a host with this data.

    Raises ``UserError`` where something can't be had, or a template can't be rendered. If the data
    says ``verify_files``, that includes what its wheels bring: they are fetched if need be.
    """
    build_file, known = build_file_of(app, data.artifact, data.allowed_signers), secrets(app)
    lock = _locked(build_file.requirements, target) if build_file else lock_of(app, target)
    files = render_templates(app, HostPaths(app.name), known, data.public)
    contents = contents_of(app, lock, target) if data.verify_files else None
    code = build_file.artifact if build_file else code_of(app, lock)
    return AppBuild(target, code, lock, known, contents, files)


def build_file_of(app: App, path: str | None, signers: str | None = None) -> BuildFile | None:
    """Return the build at this path, if there is a path; raises ``UserError``.

    With the path of a file of allowed signers, one of them must have signed it.
    """
    if path is None:
        return None
    file = root() / Path(path).expanduser()
    allowed = root() / Path(signers).expanduser() if signers else None
    build_file = _read_build(file, allowed)
    if build_file.name != app.name:
        what = f"this artifact is of {build_file.name}, not of {app.name}"
        raise UserError(what, fix="name an artifact of that application", file=file)
    return build_file


def contents_of(app: App, lock: Lock, target: PythonPlatform) -> Mapping[str, WheelContents]:
    """Return what the locked wheels bring, by package; they are fetched if they aren't here."""
    return _contents(lock, target, app.index_url)


@cache
def _contents(lock: Lock, target: PythonPlatform, index: str | None) -> Mapping[str, WheelContents]:
    return artifacts.contents_of(artifacts.wheels_for(lock, target, index), target)


def lock_of(app: App, target: PythonPlatform) -> Lock:
    """Return what is locked for this target; raises ``UserError`` where it can't be used."""
    with _blamed(app, "requirements"):
        path = app.resolve(app.requirements) if app.requirements else None
        return _locked(path, target)


def code_of(app: App, lock: Lock) -> Artifact:
    """Return the application's code, packed; raises ``UserError`` where it can't be had."""
    with _blamed(app, "source", *(["ref"] if isinstance(app.source, GitSource) else [])):
        return _code(app, lock)


def _code(app: App, lock: Lock) -> Artifact:
    match app.source:
        case DirectorySource() | PathSource():
            tree = app.resolve(app.source.path)
            own = own_files(app, root(), tree)
            return _packed(tree, app.exclude, include=app.source.include, own=own)
        case GitSource():
            tree = _tree(app.source.git, app.source.ref)
            own = own_files_of_commit(app, root(), tree)
            return _packed(tree, app.exclude, include=app.source.include, own=own)
        case PackageSource():
            try:
                return artifacts.package_artifact(app.source.package, app.source.version, lock)
            except UserError as error:
                # It knows the lock, and not the file that this was read from.
                file = app.resolve(app.requirements or "")
                raise UserError(error.what, fix=error.fix, file=file) from None


@contextmanager
def _blamed(app: App, *key: str) -> Iterator[None]:
    """Give an error that names no file the line in which the application asked for it."""
    try:
        yield
    except UserError as error:
        if error.file is not None:
            raise
        raise app.error(key, error.what, error.fix) from None


# One run describes every host, and most share all of this: each is done once.
_locked = cache(artifacts.read_lock)
_packed = cache(artifacts.build_artifact)
_tree = cache(artifacts.git_tree)
_from_file = cache(secret_refs.from_file)
_from_command = cache(secret_refs.from_command)


@cache
def _read_build(file: Path, allowed_signers: Path | None) -> BuildFile:
    # A deploy of what is checked out spares itself the import.
    from homeport.artifacts.build_file import read_build

    return read_build(file, allowed_signers=allowed_signers)


def root() -> Path:
    """Return the folder of the project: where deploy.py, app.yml and group_data are."""
    return Path(__file__).parents[2]
