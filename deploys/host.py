"""From what app.yml, group_data and the inventory say to the description of one host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from deploys.application import application
from deploys.base import base
from deploys.built import Built, Secrets, build, revealed, root
from deploys.data import Data
from deploys.yours import yours
from homeport import manifest
from homeport.artifacts import Target
from homeport.errors import Mistake
from homeport.manifest import App, Document
from homeport.resource import Description, Refusal

PYTHONS = {"12": "3.11", "13": "3.13"}
"""The Python of each Debian release that is supported: the one that it keeps secure."""


def describe_host(data: Data, secrets: Secrets = revealed) -> Description:
    """Return everything that a host with this data should have; raises ``Mistake``."""
    app = application_of(data)
    described = describe(app, build(app, target_of(app, data), secrets))
    try:
        besides = yours(data)
    except Refusal as refusal:
        raise Mistake(str(refusal), mend="correct it there", file="deploys/yours.py") from None
    return replace(described, resources=(*described.resources, *besides))


def describe(app: App, built: Built) -> Description:
    """Return the resources of one host. Pure: nothing is read, nothing is asked."""
    return Description(app.name, (*base(app, built.target), *application(app, built)))


def application_of(data: Data) -> App:
    """Return app.yml with what this host's data overrides under ``app``; raises ``Mistake``."""
    override = data.get("app", {})
    if not isinstance(override, Mapping):
        mend = 'write app = {"environment": {...}} with the keys of app.yml'
        raise Mistake("app is not a mapping", file="group_data", key="app", mend=mend)
    return manifest.validate(_document(), override, where="group_data")


def target_of(app: App, data: Data) -> Target:
    """Return the host's architecture, release and Python; raises ``Mistake``."""
    debian, architecture = str(data.get("debian")), str(data.get("architecture"))
    if debian not in PYTHONS:
        mend = 'set debian = "12" or debian = "13"'
        raise Mistake(f"{debian} is not supported", file="group_data", key="debian", mend=mend)
    if app.python != PYTHONS[debian]:
        raise Mistake(
            f"Debian {debian} has Python {PYTHONS[debian]}, not {app.python}",
            file=_document().path,
            line=_document().lines.get(("python",)),
            key="python",
            mend=f'write python: "{PYTHONS[debian]}", or override it in group_data for these hosts',
        )
    return Target(architecture, app.python, debian)


@cache
def _document() -> Document:
    return manifest.load(root() / "app.yml")
