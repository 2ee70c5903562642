"""From what app.yml, group_data and the inventory say to the description of one host."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from deploys.application import application
from deploys.base import base
from deploys.built import Built, build, root
from deploys.data import Data, flag, no_slip
from homeport import manifest
from homeport.artifacts import Artifact, Target
from homeport.errors import Mistake
from homeport.group_data import WHERE
from homeport.manifest import App, Document
from homeport.manifest.complaints import shown
from homeport.resource import Description

PYTHONS = {"12": "3.11", "13": "3.13"}
"""The Python of each Debian release that is supported: the one that it keeps secure."""


def describe_host(data: Data) -> Description:
    """Return everything that a host with this data should have; raises ``Mistake``."""
    no_slip(data)
    app = application_of(data)
    built = build(app, target_of(app, data))
    # On a laptop code runs as it is being written.
    if data.get("kind") != "laptop" and not flag(data, "allow_dirty"):
        committed(app, built.artifact)
    return describe(app, built)


def describe(app: App, built: Built) -> Description:
    """Return the resources of one host. Pure: nothing is read, nothing is asked."""
    return Description(app.name, (*base(app, built.target), *application(app, built)))


def committed(app: App, artifact: Artifact) -> None:
    """Raise ``Mistake`` if code comes from a directory in which it differs from its commit."""
    if not artifact.changes:
        return
    names = ", ".join(shown(name) for name in artifact.changes[:3])
    more = f" and {len(artifact.changes) - 3} more" if len(artifact.changes) > 3 else ""
    raise app.mistake(
        ("source",),
        f"what is there is not what was committed: {names}{more}",
        "commit it or stash it, or deploy it all the same with --data allow_dirty=yes",
    )


def application_of(data: Data) -> App:
    """Return app.yml with what this host's data overrides under ``app``; raises ``Mistake``."""
    override = data.get("app", {})
    if not isinstance(override, Mapping):
        mend = 'write app = {"environment": {...}} with the keys of app.yml'
        raise Mistake("app is not a mapping", file=WHERE, key="app", mend=mend)
    return manifest.validate(_document(), override, where=WHERE)


def target_of(app: App, data: Data) -> Target:
    """Return the host's architecture, release and Python; raises ``Mistake``."""
    debian, architecture = str(data.get("debian")), str(data.get("architecture"))
    if debian not in PYTHONS:
        mend = 'set debian = "12" or debian = "13"'
        raise Mistake(f"{debian} is not supported", file=WHERE, key="debian", mend=mend)
    if app.python != PYTHONS[debian]:
        raise Mistake(
            f"Debian {debian} has Python {PYTHONS[debian]}, not {app.python}",
            file=_document().path,
            line=_document().lines.get(("python",)),
            key="python",
            mend=f'write python: "{PYTHONS[debian]}", or override it in group_data for these hosts',
        )
    if data.get("architecture") is None:
        mend = 'set architecture = "amd64", or "arm64"'
        raise Mistake("it is not set", file=WHERE, key="architecture", mend=mend)
    try:
        return Target(architecture, app.python, debian)
    except Mistake as mistake:
        key = "architecture"
        raise Mistake(mistake.what, file=WHERE, key=key, mend=mistake.mend) from None


@cache
def _document() -> Document:
    return manifest.load(root() / "app.yml")
