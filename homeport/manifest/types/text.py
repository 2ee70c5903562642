"""The kinds of text that an application file holds, each with its shape and its fix."""

from __future__ import annotations

import unicodedata
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, Strict

from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.pattern import TextPattern

LONGEST = 100_000  # Linux hands a program at most 128 KiB in one argument or variable.
# Anything that some parser takes for the end of a line, or that can't be written as UTF-8.
BREAKING = {"Cc", "Cs", "Zl", "Zp"}

T = TypeVar("T")


def one_line(text: str) -> str:
    """Return the text. Raises ``ValueError``, without the text, if it has a control character."""
    for letter in text:
        if unicodedata.category(letter) in BREAKING:
            kind = "a line break" if letter in "\n\r" else f"the character U+{ord(letter):04X}"
            raise refuse(f"the text holds {kind}", "write it on one line, without such characters")
    if len(text) > LONGEST:
        raise refuse("the text is longer than a program can be handed", "put it in a file")
    return text


def filled(text: str) -> str:
    """Return the text. Raises ``ValueError`` if it is empty."""
    if not text.strip():
        raise refuse("the text is empty", "write a value, or remove the key")
    return text


def distinct(items: tuple[T, ...]) -> tuple[T, ...]:
    """Return the items. Raises ``ValueError`` if one of them is there twice."""
    seen: set[T] = set()
    for item in items:
        if item in seen:
            raise refuse(f"{quoted(str(item))} is in the list twice", "remove one of the two")
        seen.add(item)
    return items


Text = Annotated[str, Strict()]
AnyLine = Annotated[Text, AfterValidator(one_line)]
Line = Annotated[AnyLine, Field(json_schema_extra={"minLength": 1}), AfterValidator(filled)]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Seconds = Annotated[Whole, Field(ge=1, le=86400)]

Name = Annotated[
    Text,
    TextPattern(
        "[a-z][a-z0-9-]{0,30}",
        "is not a name",
        "start with a letter and use at most 31 of a-z, 0-9 and -",
    ),
]
PythonVersion = Annotated[
    Text,
    TextPattern("3\\.[1-9]?[0-9]", "is not a Python version", 'write major and minor: "3.11"'),
]
DebianPackage = Annotated[
    Text,
    TextPattern(
        "[a-z0-9][a-z0-9+.-]*[a-z0-9+.]",
        "is not the name of a Debian package",
        "use the name alone, as apt-cache shows it, without a version, and without a - at its end",
    ),
]
Module = Annotated[
    Text,
    TextPattern(
        "[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*",
        "is not the name of a module",
        "write it as in an import: package.module",
    ),
]
Directive = Annotated[
    Text,
    TextPattern(
        "[A-Z][A-Za-z]+",
        "is not the name of a systemd directive",
        "write the name alone, such as MemoryDenyWriteExecute",
    ),
]
Size = Annotated[
    Text,
    TextPattern(
        "[1-9][0-9]{0,8}[KMGT]|(?:[1-9][0-9]?|100)%",
        "is not a size",
        "write a whole number and K, M, G or T, such as 256M, or a share of the host such as 25%",
    ),
]
UrlPath = Annotated[
    Text,
    TextPattern(
        "/[A-Za-z0-9/._~!$&()*+,;=:@%?-]*",
        "is not the path of a URL",
        "start it with /, such as /health/live, and percent-encode other characters",
    ),
]
