"""Command lines: split into words as a shell would, with places for what only a host knows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Annotated, NoReturn

from pydantic import AfterValidator, Field

from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.text import Text, filled, one_line

BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
SHELL = {"&&", "||", "|", "&", ">", ">>", "<", "2>&1"}
# systemd gives a meaning of its own to these at the start of a command.
PREFIXES = "-@:+!|"
FILE = "file"
"""The placeholder {file}: the file that is validated."""


def words(command: str) -> tuple[str, ...]:
    """Return the words of a command. Raises ``ValueError`` if a quote is left open."""
    return tuple(shlex.split(command))


def placeholders(command: str) -> frozenset[str]:
    """Return the names that stand in single braces; a brace without its other half is one too."""
    found = (match for word in words(command) for match in BRACES.finditer(word))
    named = (match for match in found if match[0] not in ("{{", "}}"))
    return frozenset(match[0] if match[1] is None else match[1] for match in named)


def fill(command: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words with each ``{name}`` replaced, and ``{{`` and ``}}`` as single braces."""

    def value(match: re.Match[str]) -> str:
        return match[0][0] if match[0] in ("{{", "}}") else values[match[1]]

    return tuple(BRACES.sub(value, word) for word in words(command))


def runnable(command: str) -> str:
    """Return the command. Raises ``ValueError`` if it can't be run as it is."""
    _program(command)
    if unknown := sorted(placeholders(command) - {"port", "socket", "config", "data"}):
        _refuse(unknown[0], "{port}, {socket}, {config} or {data}")
    return command


def judging(command: str) -> str:
    """Return the command. Raises ``ValueError`` if it can't check a release."""
    _program(command)
    if unknown := sorted(placeholders(command) - {"config", "data"}):
        _refuse(unknown[0], "{config} or {data}")
    return command


def checking(command: str) -> str:
    """Return the command. Raises ``ValueError`` if it can't check a file."""
    _program(command)
    found = placeholders(command)
    if unknown := sorted(found - {FILE, "config", "data"}):
        _refuse(unknown[0], "{file}, {config} or {data}")
    if FILE not in found:
        raise refuse("the command doesn't say where the file goes", "write {file} in its place")
    return command


def _program(command: str) -> None:
    # A folded block of YAML ends in a line break, which means nothing.
    filled(one_line(command.rstrip("\n")))
    try:
        split = words(command)
    except ValueError:
        raise refuse("a quote is left open in the command", "close it, or escape it") from None
    if not split or not split[0] or split[0][0] in PREFIXES:
        raise refuse("the command doesn't start with a program", "begin with the program's name")
    if found := SHELL.intersection(split):
        fix = "put it in a script, or run it as sh -c '...'"
        raise refuse(f"{quoted(min(found))} means nothing here: no shell runs the command", fix)


def _refuse(unknown: str, known: str) -> NoReturn:
    name = "a brace" if unknown in ("", "{", "}") else quoted(f"{{{unknown}}}")
    fix = f"write {{{{ and }}}} for braces, or use {known}"
    raise refuse(f"{name} in the command is not a placeholder", fix)


Command = Annotated[Text, Field(json_schema_extra={"minLength": 1}), AfterValidator(runnable)]
Verdict = Annotated[Text, Field(json_schema_extra={"minLength": 1}), AfterValidator(judging)]
Check = Annotated[Text, Field(json_schema_extra={"minLength": 1}), AfterValidator(checking)]
