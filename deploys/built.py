"""What the controller has ready before it looks at any host: code, lock and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deploys.data import Data
from deploys.layout import Layout
from deploys.templates import Rendered, render_templates
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
    """The application for one host: artifact, lock, secrets and configuration files by name."""

    target: Target
    artifact: Artifact
    lock: Lock
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    configuration: Mapping[str, Rendered] = field(default_factory=dict)


def build(app: App, target: Target, data: Data | None = None) -> Built:
    """Return what the application is made of on a host with this data.

    Raises ``Mistake`` where something can't be had, or a template can't be rendered.
    """
    lock = artifacts.read_lock(app.resolve(app.requirements) if app.requirements else None, target)
    secrets = _secrets(app)
    files = render_templates(app, Layout(app.name), secrets, data)
    return Built(target, _artifact(app, lock), lock, secrets, files)


def _artifact(app: App, lock: Lock) -> Artifact:
    match app.source:
        case DirectorySource():
            return _packed(app.resolve(app.source.path), app.exclude)
        case GitSource():
            return _packed(_tree(app.source.git, app.source.ref), app.exclude)
        case PackageSource():
            try:
                return artifacts.package_artifact(app.source.package, app.source.version, lock)
            except Mistake as mistake:
                # It knows the lock, and not the file that this was read from.
                file = app.resolve(app.requirements or "")
                raise Mistake(mistake.what, mend=mistake.mend, file=file) from None


def _secrets(app: App) -> dict[str, str]:
    return {
        name: _from_file(app.resolve(secret.file), f"secrets.{name}")
        if isinstance(secret, FileSecret)
        else _from_command(secret.command, f"secrets.{name}", app.root)
        for name, secret in app.secrets.items()
    }


# One run describes every host, and most share all of this: each is done once.
_packed = cache(artifacts.build_artifact)
_tree = cache(artifacts.git_tree)
_from_file = cache(references.from_file)
_from_command = cache(references.from_command)


def root() -> Path:
    """Return the folder of the project: where deploy.py, app.yml and group_data are."""
    return Path(__file__).parent.parent
