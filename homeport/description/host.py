"""From what app.yml, group_data and the inventory say to the description of one host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from homeport import manifest
from homeport.artifacts import Artifact, PythonPlatform
from homeport.description.app_build import AppBuild, Secrets, build, resolve_secrets, root
from homeport.description.hashable_data import EMPTY, HashableData
from homeport.description.host_data import Data, HostData
from homeport.description.server import application, base
from homeport.description.unique_paths import require_unique
from homeport.engine.kind import DesiredState, PreconditionError
from homeport.errors import UserError
from homeport.manifest import App, Document, LocalSource
from homeport.manifest.types.issues import quoted
from homeport.operations.hostctl.resources import HostProgram
from homeport.pyinfra_adapter.data_source import WHERE
from kinds import custom_resources

CUSTOM = "kinds/__init__.py"
"""The file that adds resources of the user's own."""

PYTHONS = {"12": "3.11", "13": "3.13"}
"""The Python of each Debian release that is supported: the one that it keeps secure."""


def describe_host(
    data: Data, name: str | None = None, *, secrets: Secrets = resolve_secrets
) -> DesiredState:
    """Return everything that a host with this data, and this name, should have.

    Raises ``UserError`` for what doesn't fit, also for a laptop that isn't this machine.
    """
    known = HostData.parse(data, name)
    if not application_of(known).config_files:
        # Only templates can ask for data of the user's own.
        known = replace(known, public=EMPTY)
    described = _described(known, secrets)
    try:
        besides = custom_resources(data)
    except PreconditionError as refusal:
        raise UserError(str(refusal), fix="correct it there", file=CUSTOM) from None
    resources = (*described.resources, *besides)
    if besides:
        require_unique(resources, CUSTOM)
    return replace(described, resources=resources)


@cache
def _described(data: HostData, secrets: Secrets) -> DesiredState:
    app = application_of(data)
    if data.host_type == "laptop":
        # A server spares itself the import.
        from homeport.description.laptop import laptop
        from homeport.description.laptop_facts import found

        # There code runs as it is being written, committed or not.
        return laptop(app, found(app, data, secrets=secrets))
    built = build(app, target_of(app, data), data, secrets=secrets)
    if not data.allow_dirty:
        committed(app, built.artifact)
    described = describe(app, built)
    guard = HostProgram(app.name, _repository(app), data.allow_downgrade)
    return replace(described, resources=(*described.resources, guard))


def describe(app: App, built: AppBuild) -> DesiredState:
    """Return the resources of one host. Pure: nothing is read, nothing is asked."""
    return DesiredState(app.name, (*base(app, built.target), *application(app, built)))


def _repository(app: App) -> Path | None:
    # Only there is the history at hand that tells which of two commits came first.
    source = app.source
    return app.resolve(source.path) if isinstance(source, LocalSource) else None


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


def application_of(data: HostData) -> App:
    """Return the application file with what this host's data overrides; raises ``UserError``."""
    return _application(data.app_file, data.overrides)


@cache
def _application(app_file: str, all_overrides: tuple[HashableData, ...]) -> App:
    document = document_of(app_file)
    overrides = list(_overrides(all_overrides, document))
    if len(overrides) > 1:
        what = f"{len(overrides)} overrides are for this application"
        raise UserError(what, file=WHERE, key="app", fix="make one of them")
    return manifest.validate(document, overrides[0] if overrides else {}, where=WHERE)


def _overrides(
    overrides: Iterable[HashableData], document: Document
) -> Iterator[Mapping[str, object]]:
    """Yield what is for this application: all but what names another.

    Raises ``UserError`` for a name that no application file of the project has.
    """
    name = document.data.get("name")
    for override in overrides:
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


def target_of(app: App, data: HostData) -> PythonPlatform:
    """Return the host's architecture, release and Python; raises ``UserError``."""
    debian = data.debian
    if debian not in PYTHONS:
        fix = 'set debian = "12" or debian = "13"'
        raise UserError(f"{debian} is not supported", file=WHERE, key="debian", fix=fix)
    if app.python != PYTHONS[debian]:
        document = document_of(data.app_file)
        raise UserError(
            f"Debian {debian} has Python {PYTHONS[debian]}, not {app.python}",
            file=document.path,
            line=document.lines.get(("python",)),
            key="python",
            fix=f'write python: "{PYTHONS[debian]}", or override it in group_data for these hosts',
        )
    if data.architecture is None:
        fix = 'set architecture = "amd64", or "arm64"'
        raise UserError("it is not set", file=WHERE, key="architecture", fix=fix)
    try:
        return PythonPlatform(data.architecture, app.python, debian)
    except UserError as error:
        key = "architecture"
        raise UserError(error.what, file=WHERE, key=key, fix=error.fix) from None


def document_of(app_file: str) -> Document:
    """Return the application file at this path, relative to the project; raises ``UserError``."""
    return _loaded(root() / Path(app_file).expanduser())


_loaded = cache(manifest.load)
