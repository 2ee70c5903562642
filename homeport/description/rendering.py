"""Templates: rendered strictly, so that a name which isn't given is an error and not a gap."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2
import yaml
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from homeport.artifacts import cache_root
from homeport.hostctl import protocol

INSTANCE = "\0"
"""In a word of a command, what stands for systemd's ``%i``: no word that a user wrote holds it."""

FOLDER = Path(__file__).parent.parent / "templates"


def systemd_word(word: str) -> str:
    """Return one word of a command line as systemd.service(5) wants it quoted."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    escaped = escaped.replace(INSTANCE, "%i")
    plain = escaped and all(letter.isalnum() or letter in "-_./:=,@+%$" for letter in escaped)
    return escaped if plain else f'"{escaped}"'


def yaml_text(value: str | None) -> str:
    """Return a text, or null, as any reader of YAML takes it: tojson would split an emoji."""
    if value is None:
        return "null"
    return str(yaml.safe_dump(value, default_style='"', width=math.inf)).rstrip("\n")


class Compiled(FileSystemBytecodeCache):
    """Templates as Jinja has compiled them: kept if they can be, a full disk is no obstacle."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template was compiled to."""
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def strict(folder: Path) -> Environment:
    """Return how every template of a folder is read."""
    # What is compiled depends on the options below too: the number changes when they do.
    compiled = cache_root() / f"jinja-{jinja2.__version__}-1"
    return Environment(
        loader=FileSystemLoader(folder),
        bytecode_cache=Compiled(str(compiled)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - units, shell, configuration of any format; not HTML
    )


@cache
def _templates() -> Environment:
    environment = strict(FOLDER)
    environment.filters["systemd_word"] = systemd_word
    environment.filters["yaml"] = yaml_text
    environment.globals["protocol"] = protocol
    return environment


def render(template: str, **values: object) -> str:
    """Return a template filled in; raises ``jinja2.UndefinedError`` where a value is missing."""
    return _templates().get_template(template).render(**values)


def verbatim(name: str) -> bytes:
    """Return a file of the templates folder as it is."""
    return (FOLDER / name).read_bytes()
