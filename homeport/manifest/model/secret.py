"""Secrets, by reference only: their values never stand in the application file."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.issues import refuse
from homeport.manifest.types.one_of import form, one_of
from homeport.manifest.types.paths import AnyPath
from homeport.manifest.types.text import AnyLine


def program_first(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command. Raises ``ValueError`` if no program stands at its start."""
    if not command or not command[0].strip():
        raise refuse("the command is empty", "write a program and its arguments: [pass, show, x]")
    return command


class FileSecret(ConfigModel):
    """A secret in a file on the machine that deploys."""

    file: AnyPath
    """File with the secret in it: relative to the application file, absolute, or below ~/."""


class CommandSecret(ConfigModel):
    """A secret that a command prints, run on the machine that deploys."""

    command: Annotated[
        tuple[AnyLine, ...],
        Field(json_schema_extra={"minItems": 1}),
        AfterValidator(program_first),
    ]
    """Program and arguments that print the secret, as a list: [pass, show, pinboard/token]."""


FORMS = "write {file: PATH} or {command: [PROGRAM, ARGUMENT]}: never the secret itself"
Secret: TypeAlias = Annotated[
    Annotated[FileSecret, Tag("file")] | Annotated[CommandSecret, Tag("command")],
    Discriminator(form),
    BeforeValidator(one_of("file", "command", fix=FORMS)),
]
