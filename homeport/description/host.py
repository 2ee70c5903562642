"""From what app.yml, group_data and the inventory say to the description of one host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from homeport import manifest
from homeport.artifacts import Artifact, Target
from homeport.description.app_build import AppBuild, Secrets, build, resolve_secrets, root
from homeport.description.hashable_data import HashableData
from homeport.description.host_data import SEEN, Data, check_names, flag, public
from homeport.description.laptop import laptop
from homeport.description.laptop_facts import found
from homeport.description.server import application, base
from homeport.engine.kind import DesiredState, PreconditionError
from homeport.errors import UserError
from homeport.manifest import App, DirectorySource, Document
from homeport.manifest.types.issues import quoted
from homeport.operations.hostctl.kind import HostProgram
from homeport.pyinfra_adapter.data_source import WHERE
from homeport.rollout.policy import rollout_of
from kinds import custom_resources

PYTHONS = {"12": "3.11", "13": "3.13"}
"""The Python of each Debian release that is supported: the one that it keeps secure."""


HOST_TYPES = ("server", "laptop")


def describe_host(
    data: Data, name: str | None = None, *, secrets: Secrets = resolve_secrets
) -> DesiredState:
    """Return everything that a host with this data, and this name, should have.

    Raises ``UserError`` for what doesn't fit, also for a laptop that isn't this machine.
    """
    check_names(data)
    rollout_of(data.get("rollout"))
    kind, app = host_type_of(data, name), application_of(data)
    # Only templates can ask for data by any other name.
    names = public(data) if app.config_files else SEEN
    described = _described(HashableData.of(data, names), kind, secrets)
    try:
        besides = custom_resources(data)
    except PreconditionError as refusal:
        raise UserError(str(refusal), fix="correct it there", file="kinds/__init__.py") from None
    return replace(described, resources=(*described.resources, *besides))


@cache
def _described(data: HashableData, kind: str, secrets: Secrets) -> DesiredState:
    app, verify_files = application_of(data), flag(data, "verify_files")
    if kind == "laptop":
        # There code runs as it is being written, committed or not.
        return laptop(app, found(app, data, verify_files=verify_files, secrets=secrets))
    built = build(app, target_of(app, data), data, verify_files=verify_files, secrets=secrets)
    if not flag(data, "allow_dirty"):
        committed(app, built.artifact)
    described = describe(app, built)
    guard = HostProgram(app.name, _repository(app), flag(data, "allow_downgrade"))
    return replace(described, resources=(*described.resources, guard))


def describe(app: App, built: AppBuild) -> DesiredState:
    """Return the resources of one host. Pure: nothing is read, nothing is asked."""
    return DesiredState(app.name, (*base(app, built.target), *application(app, built)))


def _repository(app: App) -> Path | None:
    # Only there is the history at hand that tells which of two commits came first.
    source = app.source
    return app.resolve(source.path) if isinstance(source, DirectorySource) else None


def host_type_of(data: Data, name: str | None = None) -> str:
    """Return what kind of host it is, a server unless its data says so; raises ``UserError``."""
    kind = str(data.get("host_type", "server"))
    if kind not in HOST_TYPES:
        near = get_close_matches(kind, HOST_TYPES, 1)
        fix = f'write host_type = "{near[0]}"' if near else f"write one of: {', '.join(HOST_TYPES)}"
        raise UserError(f"{kind!r} is not a host type", file="inventory", key="host_type", fix=fix)
    if kind == "laptop" and name not in (None, "@local"):
        what = f"{name} is not the machine that deploys, and only that one can be a laptop"
        fix = 'remove host_type from its data, or write "@local" as in inventories/laptop.py'
        raise UserError(what, file="inventory", key="host_type", fix=fix)
    return kind


def committed(
    app: App, artifact: Artifact, fix: str = "deploy it all the same with --data allow_dirty=yes"
) -> None:
    """Raise ``UserError`` if code comes from a directory in which it differs from its commit."""
    if not artifact.changes:
        return
    names = ", ".join(quoted(name) for name in artifact.changes[:3])
    more = f" and {len(artifact.changes) - 3} more" if len(artifact.changes) > 3 else ""
    raise app.error(
        ("source",),
        f"uncommitted changes: {names}{more}",
        f"commit it or stash it, or {fix}",
    )


def application_of(data: Data) -> App:
    """Return the application file with what this host's data overrides; raises ``UserError``.

    The data's ``app_file`` names the file, relative to the project; without it, it is app.yml.
    """
    return _application(HashableData.of(data, ("app", "app_file")))


@cache
def _application(data: HashableData) -> App:
    document = document_of(data)
    overrides = list(_overrides(data, document))
    if len(overrides) > 1:
        what = f"{len(overrides)} overrides are for this application"
        raise UserError(what, file=WHERE, key="app", fix="make one of them")
    return manifest.validate(document, overrides[0] if overrides else {}, where=WHERE)


def _overrides(data: Data, document: Document) -> Iterator[Mapping[str, object]]:
    """Yield what ``app`` of the data says of this application: all but what names another.

    Raises ``UserError`` for a name that no application file of the project has.
    """
    overrides, name = data.get("app", {}), document.data.get("name")
    for override in overrides if isinstance(overrides, list | tuple) else (overrides,):
        if not isinstance(override, Mapping):
            fix = 'write app = {"environment": {...}} with the keys of app.yml'
            raise UserError("app is not a mapping", file=WHERE, key="app", fix=fix)
        if (named := override.get("name", name)) == name:
            yield override
        elif NAME_VALUE.fullmatch(str(name)) and named not in (known := _names(document)):
            near = get_close_matches(str(named), known, 1)
            of_which = f"write one of: {', '.join(known)}; or lay its file {WITHIN}"
            fix = f'write name = "{near[0]}"' if near else of_which
            what = f"no application file of the project has the name {quoted(str(named))}"
            raise UserError(what, fix=fix, file=WHERE, key="app")


WITHIN = "in the project, two folders deep at most"
"""Where the application files are whose names ``app`` may say, beside the one at hand."""
NAME_VALUE = re.compile("[a-z][a-z0-9-]*")
"""What an application may be called: whatever else a document says is judged as a whole."""
NAME = re.compile(r"""name:\s*["']?([a-z][a-z0-9-]*)["']?\s*(?:#.*)?""")


def _names(document: Document) -> list[str]:
    """Return what the applications are called whose files lie there, well-formed or not."""
    below = ("", "[!.]*/", "[!.]*/*/")
    files = {*document.path.parent.glob("*.y*ml")}
    files |= {file for folder in below for file in root().glob(f"{folder}[!.]*.y*ml")}
    lines = (line for file in files for line in _lines(file))
    names = {str(document.data["name"]), *(m[1] for m in map(NAME.fullmatch, lines) if m)}
    return sorted(names)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def target_of(app: App, data: Data) -> Target:
    """Return the host's architecture, release and Python; raises ``UserError``."""
    debian, architecture = str(data.get("debian")), str(data.get("architecture"))
    if debian not in PYTHONS:
        fix = 'set debian = "12" or debian = "13"'
        raise UserError(f"{debian} is not supported", file=WHERE, key="debian", fix=fix)
    if app.python != PYTHONS[debian]:
        raise UserError(
            f"Debian {debian} has Python {PYTHONS[debian]}, not {app.python}",
            file=document_of(data).path,
            line=document_of(data).lines.get(("python",)),
            key="python",
            fix=f'write python: "{PYTHONS[debian]}", or override it in group_data for these hosts',
        )
    if data.get("architecture") is None:
        fix = 'set architecture = "amd64", or "arm64"'
        raise UserError("it is not set", file=WHERE, key="architecture", fix=fix)
    try:
        return Target(architecture, app.python, debian)
    except UserError as error:
        key = "architecture"
        raise UserError(error.what, file=WHERE, key=key, fix=error.fix) from None


def document_of(data: Data) -> Document:
    """Return the application file that this host's data names; raises ``UserError``."""
    name = data.get("app_file", "app.yml")
    if not isinstance(name, str) or not name:
        fix = 'write the path of one, such as app_file = "examples/radicale/app.yml"'
        what = "this is not the path of an application file"
        raise UserError(what, file=WHERE, key="app_file", fix=fix)
    return _loaded(root() / Path(name).expanduser())


_loaded = cache(manifest.load)
