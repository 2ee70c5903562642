"""The application's configuration files: the user's templates, rendered where the deploy runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, TemplateError
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError

from homeport.description.paths import HostPaths
from homeport.description.rendering import strict
from homeport.errors import UserError
from homeport.hostctl.masking import Masks
from homeport.manifest import App

KNOWN = "app, environment, secrets, processes, paths and host"


@dataclass(frozen=True)
class Rendered:
    """A configuration file for one host; ``secret`` if a secret was used to make it."""

    content: bytes = field(repr=False)
    secret: bool


class Secrets(Mapping[str, str]):
    """The secrets as a template sees them; ``used`` as soon as it looks at one."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values, self.used = values, False

    def __getitem__(self, name: str) -> str:
        self.used = True
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        self.used = True
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "(secrets: name one of them)"


class TemplateData:
    """The part of a host's data that files may hold: text, numbers, lists and mappings."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self._data = data

    def __getitem__(self, name: str) -> object:
        if (value := self._data.get(name)) is None:
            raise KeyError(name)
        return _plain(value)


def _plain(value: object) -> object:
    # The same whether pyinfra hands it over or JSON did: a tuple is written as a list is.
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    raise KeyError(type(value).__name__)


def render_templates(
    app: App, place: HostPaths, secrets: Mapping[str, str], data: Mapping[str, object]
) -> dict[str, Rendered]:
    """Return every configuration file, by its name; raises ``UserError`` with file and line.

    + data: what files may hold of the host's data, by name
    """
    templates = strict(app.root)
    return {name: _render(templates, app, place, name, secrets, data) for name in app.config_files}


def _render(
    templates: Environment,
    app: App,
    place: HostPaths,
    name: str,
    secrets: Mapping[str, str],
    data: Mapping[str, object],
) -> Rendered:
    watched = Secrets(secrets)
    values = {
        "app": app.name,
        "environment": app.environment,
        "secrets": watched,
        "processes": {process: _process(app, place, process) for process in app.processes},
        "paths": place.paths,
        "host": TemplateData(data),
    }
    written = app.config_files[name].template
    try:
        text = templates.get_template(written).render(values)
    except Exception as error:
        # Whatever a template raises is the template's doing: it is the user's code.
        raise _error(error, app, name, secrets) from None
    return Rendered(text.encode(), watched.used)


def _process(app: App, place: HostPaths, name: str) -> dict[str, object]:
    process = app.processes[name]
    where = place.link(name) if process.listen == "socket" else process.listen
    known: dict[str, object] = {"listen": where}
    if place.in_slots and process.slotted:
        # Each slot has a directory of its own, and a configuration file doesn't know which it is.
        return known
    return {**known, "run": place.runtime(name)}


def _error(error: Exception, app: App, name: str, secrets: Mapping[str, str]) -> UserError:
    file, line = app.resolve(app.config_files[name].template), None
    fix = "correct the template"
    if isinstance(error, TemplateSyntaxError):
        file, line = app.root / (error.filename or error.name or file), error.lineno
    elif (place := _place(error, app)) is not None:
        file, line = app.root / place[0], place[1]
    message = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, TemplateNotFound):
        message = f"there is no {error.name} in the project"
    masks = Masks(secrets)
    message = masks(message)
    # As Jinja says it of an object of ours, it would name the object's Python class.
    message, unknown = re.subn(
        r"'[\w.]+ object' has no (attribute|element)", "there is no", message
    )
    if unknown or message.endswith("is undefined"):
        fix = f"correct the name (templates know {KNOWN}), or describe it in app.yml or group_data"
    elif not isinstance(error, TemplateError):
        message = f"{type(error).__name__}: {message}"
    of_jinja = isinstance(error, TemplateSyntaxError | TemplateNotFound)
    if masks.short and not of_jinja and not _is_of_template(message, file):
        # A secret of few characters can't be found in it.
        message = type(error).__name__
    return UserError(
        f"the template can't be rendered: {message}",
        fix=fix,
        file=file,
        line=line,
        key=f"config_files.{name}",
    )


def _is_of_template(message: str, file: Path) -> bool:
    """Return whether all names in a message are words of the template: no value is among them."""
    try:
        words = set(re.findall(r"\w+", file.read_text()))
    except (OSError, ValueError):
        return False
    names = re.findall(r"'([^']*)'", message)
    return bool(names) and words.issuperset(names)


def _place(error: Exception, app: App) -> tuple[str, int] | None:
    """Return file and line of the template at which an error arose, if it arose in one."""
    found, trace = None, error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.startswith(f"{app.root}/"):
            found = filename, trace.tb_lineno
        trace = trace.tb_next
    return found
