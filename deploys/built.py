"""What the controller has ready before it looks at any host: code, lock and secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from homeport import artifacts, references
from homeport.artifacts import Artifact, Lock, Target
from homeport.errors import Mistake
from homeport.manifest import (
    App,
    DirectorySource,
    FileSecret,
    GitSource,
    PackageSource,
)


@dataclass(frozen=True)
class Built:
    """The application for one target: its artifact, its lock, and its secrets by name."""

    target: Target
    artifact: Artifact
    lock: Lock
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def build(app: App, target: Target) -> Built:
    """Return what the application is made of; raises ``Mistake`` where it can't be had."""
    with _blamed(app, "requirements"):
        path = app.resolve(app.requirements) if app.requirements else None
        lock = artifacts.read_lock(path, target)
    with _blamed(app, "source", *(["ref"] if isinstance(app.source, GitSource) else [])):
        artifact = _artifact(app, lock)
    return Built(target, artifact, lock, dict(_secrets(app)))


def _artifact(app: App, lock: Lock) -> Artifact:
    match app.source:
        case DirectorySource():
            return _packed(app.resolve(app.source.path), app.exclude)
        case GitSource():
            return _packed(_tree(app.source.git, app.source.ref), app.exclude)
        case PackageSource():
            return artifacts.package_artifact(app.source.package, app.source.version, lock)


def _secrets(app: App) -> Iterator[tuple[str, str]]:
    for name, secret in app.secrets.items():
        key = f"secrets.{name}"
        with _blamed(app, "secrets", name):
            if isinstance(secret, FileSecret):
                yield name, _from_file(app.resolve(secret.file), key)
            else:
                yield name, _from_command(secret.command, key, app.root)


@contextmanager
def _blamed(app: App, *key: str) -> Iterator[None]:
    """Give a mistake that names no file the line in which the application asked for it."""
    try:
        yield
    except Mistake as mistake:
        if mistake.file is not None:
            raise
        raise app.mistake(key, mistake.what, mistake.mend) from None


# One run describes every host, and most share all of this: each is done once.
_packed = cache(artifacts.build_artifact)
_tree = cache(artifacts.git_tree)
_from_file = cache(references.from_file)
_from_command = cache(references.from_command)


def root() -> Path:
    """Return the folder of the project: where deploy.py, app.yml and group_data are."""
    return Path(__file__).parent.parent
