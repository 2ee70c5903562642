"""From what app.yml, group_data and the inventory say to the description of one host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from deploys.application import application
from deploys.base import base
from deploys.built import Built, Secrets, build, revealed, root
from deploys.data import Data
from deploys.here import found
from deploys.laptop import laptop
from deploys.yours import yours
from homeport import manifest
from homeport.artifacts import Target
from homeport.errors import Mistake
from homeport.manifest import App, Document
from homeport.resource import Description, Refusal

PYTHONS = {"12": "3.11", "13": "3.13"}
"""The Python of each Debian release that is supported: the one that it keeps secure."""


KINDS = ("server", "laptop")


def describe_host(
    data: Data, name: str | None = None, *, secrets: Secrets = revealed
) -> Description:
    """Return everything that a host with this data, and this name, should have.

    Raises ``Mistake`` for what doesn't fit, also for a laptop that isn't this machine.
    """
    kind, app, deep = kind_of(data, name), application_of(data), is_deep(data)
    if kind == "laptop":
        described = laptop(app, found(app, deep=deep, secrets=secrets))
    else:
        described = describe(app, build(app, target_of(app, data), deep=deep, secrets=secrets))
    try:
        besides = yours(data)
    except Refusal as refusal:
        raise Mistake(str(refusal), mend="correct it there", file="deploys/yours.py") from None
    return replace(described, resources=(*described.resources, *besides))


def describe(app: App, built: Built) -> Description:
    """Return the resources of one host. Pure: nothing is read, nothing is asked."""
    return Description(app.name, (*base(app, built.target), *application(app, built)))


def kind_of(data: Data, name: str | None = None) -> str:
    """Return what kind of host it is, a server unless its data says so; raises ``Mistake``."""
    kind = str(data.get("kind", "server"))
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, 1)
        mend = f'write kind = "{near[0]}"' if near else f"write one of: {', '.join(KINDS)}"
        raise Mistake(f"{kind!r} is not a kind of host", file="inventory", key="kind", mend=mend)
    if kind == "laptop" and name not in (None, "@local"):
        what = f"{name} is not the machine that deploys, and only that one can be a laptop"
        mend = 'remove kind from its data, or write "@local" as in inventories/laptop.py'
        raise Mistake(what, file="inventory", key="kind", mend=mend)
    return kind


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


def is_deep(data: Data) -> bool:
    """Return whether every installed file is to be compared with its wheel; raises ``Mistake``."""
    told = data.get("deep", False)
    answers = {"yes": True, "true": True, "no": False, "false": False}
    if (answer := answers.get(str(told).lower())) is None:
        raise Mistake(f"{told} is neither yes nor no", key="deep", mend="add --data deep=yes")
    return answer


@cache
def _document() -> Document:
    return manifest.load(root() / "app.yml")
