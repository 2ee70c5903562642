"""Configuration files of the application: the user's templates, checked by the user's commands."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.command import Check
from homeport.manifest.types.paths import ProjectPath
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import Text

ConfigName = Annotated[
    Text,
    TextPattern(
        "[A-Za-z0-9_][A-Za-z0-9._-]{0,63}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}){0,7}",
        "is not the name of a configuration file",
        "write it relative to the configuration of the application, such as server.conf or "
        "conf.d/server.conf, of letters, digits and ._-",
    ),
]


class ConfigTemplate(ConfigModel):
    """A configuration file, made from a template for each host."""

    template: ProjectPath
    """Jinja2 template, relative to the application file and below it."""
    # Called validate in the file: pydantic's models have a method of that name.
    validate_with: Check | None = Field(default=None, alias="validate")
    """Command that fails if the file is wrong; {file} is the file, before it is in place."""


def folders(name: str) -> tuple[str, ...]:
    """Return the folders that a configuration file lies in, outermost first."""
    parents = [str(parent) for parent in PurePosixPath(name).parents]
    return tuple(parent for parent in reversed(parents) if parent != ".")
