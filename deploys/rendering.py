"""Templates: rendered strictly, so that a name which isn't given is an error and not a gap."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent.parent / "templates"


def systemd_word(word: str) -> str:
    """Return one word of a command line as systemd.service(5) wants it quoted."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    plain = escaped and all(letter.isalnum() or letter in "-_./:=,@+%$" for letter in escaped)
    return escaped if plain else f'"{escaped}"'


def yaml_text(value: str | None) -> str:
    """Return a text, or null, as any reader of YAML takes it: tojson would split an emoji."""
    if value is None:
        return "null"
    return str(yaml.safe_dump(value, default_style='"', width=math.inf)).rstrip("\n")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - units and shell, not HTML; words are quoted by a filter
    )
    environment.filters["systemd_word"] = systemd_word
    environment.filters["yaml"] = yaml_text
    return environment


def render(template: str, **values: object) -> str:
    """Return a template filled in; raises ``jinja2.UndefinedError`` where a value is missing."""
    return _templates().get_template(template).render(**values)


def verbatim(name: str) -> bytes:
    """Return a file of the templates folder as it is."""
    return (FOLDER / name).read_bytes()
