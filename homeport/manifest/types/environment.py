"""Environment variables: names that are free to use, values that every parser reads alike."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from homeport.manifest.types.issues import refuse
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import AnyLine, Text

# Set by systemd or by the unit: a value from here would break it, or be ignored.
TAKEN = re.compile(
    "PATH|(?:STATE|RUNTIME|CACHE|LOGS|CONFIGURATION|CREDENTIALS)_DIRECTORY|NOTIFY_SOCKET"
    "|LISTEN_(?:FDS|PID|FDNAMES)|WATCHDOG_(?:USEC|PID)|MAINPID|INVOCATION_ID|JOURNAL_STREAM"
    "|HOMEPORT_.*"
)


# What ld.so(8) and the C library act on before any program does. A unit hands its variables to the
# programs of root that prepare its start, too.
LOADER = re.compile("LD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH")


def free(name: str) -> str:
    """Return the name. Raises ``ValueError`` if systemd or homeport sets it, or ld.so reads it."""
    if TAKEN.fullmatch(name):
        raise refuse("systemd or homeport sets this variable itself", "choose another name")
    if LOADER.fullmatch(name):
        raise refuse(
            "this variable has every program load other code, and root starts some for a unit",
            f"set it in the command: env {name}=... before the program",
        )
    return name


def as_text(value: object) -> object:
    """Return the value as text. Raises ``ValueError`` if YAML may have changed it."""
    if isinstance(value, bool):
        fix = 'put it in quotes ("true") the way the application reads it'
        raise refuse("the value is true or false, and a variable holds text", fix)
    if isinstance(value, float):
        fix = "put it in quotes"
        raise refuse("the value is a number, and 1.10 would arrive as 1.1", fix)
    if isinstance(value, int) and abs(value) >= 10**18:
        raise refuse("the value is a very long number", "put it in quotes")
    return str(value) if isinstance(value, int) else value


VariableName = Annotated[
    Text,
    TextPattern(
        "[A-Za-z_][A-Za-z0-9_]{0,199}",
        "is not the name of a variable",
        "use letters, digits and _, and start with no digit",
    ),
    AfterValidator(free),
]
VariableValue = Annotated[
    AnyLine,
    BeforeValidator(as_text),
    WithJsonSchema({"type": ["string", "integer"]}),
]
