"""Environment files, as homeport writes them (systemd.exec(5), EnvironmentFile=)."""

from __future__ import annotations

import re
import shlex

LINE = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')
"""A line as homeport writes it."""


def line(name: str, value: str) -> str:
    """Return the line that gives a variable: its value in double quotes."""
    return f'{name}="{escaped(value)}"'


def escaped(value: str) -> str:
    """Return a value as it stands between double quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def variable(text: str) -> tuple[str, str] | None:
    """Return the name and the value that a line gives, None if it gives none.

    A line that another hand wrote is read as a shell reads it, or as it stands.
    """
    if found := LINE.fullmatch(text):
        return found[1], re.sub(r"\\(.)", r"\1", found[2])
    name, equals, value = text.strip().partition("=")
    if not equals or name.startswith(("#", ";")):
        return None
    try:
        return name.strip(), "".join(shlex.split(value)[:1])
    except ValueError:
        return name.strip(), value


def variables(text: str) -> dict[str, str]:
    """Return the variables of a file by their names; of two of one name the last."""
    return dict(filter(None, map(variable, text.split("\n"))))
