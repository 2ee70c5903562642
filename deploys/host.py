"""From what app.yml, group_data and the inventory say to the description of one host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from deploys.application import application
from deploys.base import base
from deploys.built import Built, build, root
from deploys.data import Data
from homeport import manifest
from homeport.artifacts import Target
from homeport.errors import Mistake
from homeport.manifest import App, Document
from homeport.resource import Description

PYTHONS = {"12": "3.11", "13": "3.13"}
"""The Python of each Debian release that is supported: the one that it keeps secure."""


def describe_host(data: Data) -> Description:
    """Return everything that a host with this data should have; raises ``Mistake``."""
    app = application_of(data)
    return describe(app, build(app, target_of(app, data), data))


def describe(app: App, built: Built) -> Description:
    """Return the resources of one host. Pure: nothing is read, nothing is asked."""
    return Description(app.name, (*base(app, built.target), *application(app, built)))


def application_of(data: Data) -> App:
    """Return the application file with what this host's data overrides; raises ``Mistake``.

    The data's ``app_file`` names the file, relative to the project; without it, it is app.yml.
    """
    document = document_of(data)
    overrides = list(_overrides(data, document.data.get("name")))
    if len(overrides) > 1:
        mend = "make one of them"
        raise Mistake(
            f"{len(overrides)} overrides are for this application",
            file="group_data",
            key="app",
            mend=mend,
        )
    return manifest.validate(document, overrides[0] if overrides else {}, where="group_data")


def _overrides(data: Data, name: object) -> Iterator[Mapping[str, object]]:
    """Yield what ``app`` of the data says of this application: all but what names another."""
    given = data.get("app", {})
    for override in given if isinstance(given, list | tuple) else (given,):
        if not isinstance(override, Mapping):
            mend = 'write app = {"environment": {...}} with the keys of app.yml'
            raise Mistake("app is not a mapping", file="group_data", key="app", mend=mend)
        if override.get("name", name) == name:
            yield override


def target_of(app: App, data: Data) -> Target:
    """Return the host's architecture, release and Python; raises ``Mistake``."""
    debian, architecture = str(data.get("debian")), str(data.get("architecture"))
    if debian not in PYTHONS:
        mend = 'set debian = "12" or debian = "13"'
        raise Mistake(f"{debian} is not supported", file="group_data", key="debian", mend=mend)
    if app.python != PYTHONS[debian]:
        raise Mistake(
            f"Debian {debian} has Python {PYTHONS[debian]}, not {app.python}",
            file=document_of(data).path,
            line=document_of(data).lines.get(("python",)),
            key="python",
            mend=f'write python: "{PYTHONS[debian]}", or override it in group_data for these hosts',
        )
    return Target(architecture, app.python, debian)


def document_of(data: Data) -> Document:
    """Return the application file that this host's data names; raises ``Mistake``."""
    name = data.get("app_file", "app.yml")
    if not isinstance(name, str) or not name:
        mend = 'write the path of one, such as app_file = "examples/radicale/app.yml"'
        what = "this is not the path of an application file"
        raise Mistake(what, file="group_data", key="app_file", mend=mend)
    return _loaded(root() / Path(name).expanduser())


_loaded = cache(manifest.load)
