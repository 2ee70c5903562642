"""Reading a requirements file that pins every package by version and hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from homeport.errors import UserError

_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTION = re.compile(r"\s+(?=--)")
_HASH = re.compile(r"--hash(?:=|\s+)sha256:([0-9a-fA-F]{64})")
_INDEX_OPTIONS = (
    *("-i", "--index-url", "--extra-index-url", "--no-index"),
    *("-f", "--find-links", "--trusted-host"),
)
_FILE_OPTIONS = ("-r", "--requirement", "-c", "--constraint")
MAKE = (
    "make the file with `uv pip compile --universal --generate-hashes --no-emit-index-url "
    "--output-file requirements.txt requirements.in`"
)
"""The fix of an error in a lock: how it is made."""


class Line(NamedTuple):
    """One requirement as written: `hashes` are SHA-256 in lower case, sorted."""

    number: int
    name: str
    version: str
    hashes: tuple[str, ...]
    marker: Marker | None


def parse(text: str, file: Path, *, numbered: bool = True) -> tuple[Line, ...]:
    """Return every requirement in the text, in its order, whatever its marker is.

    Raises ``UserError`` for a line that isn't `name==version --hash=sha256:...` (the requirements
    file format of pip). The error names `file`, and the line unless `numbered` is False.
    """
    lines = []
    for number, content in _logical_lines(text):
        try:
            line = _requirement(number, content)
        except UserError as error:
            at = number if numbered else None
            raise UserError(error.what, fix=error.fix, file=file, line=at) from None
        if line:
            lines.append(line)
    return tuple(lines)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    # As pip joins them: a backslash continues a line, and a comment ends it all the same.
    parts: list[str] = []
    first = 1
    for number, physical in enumerate(text.splitlines(), start=1):
        first = first if parts else number
        content = _COMMENT.sub("", physical)
        parts.append(content.rstrip().removesuffix("\\"))
        if not content.rstrip().endswith("\\"):
            if joined := " ".join(part.strip() for part in parts).strip():
                yield first, joined
            parts = []
    if joined := " ".join(part.strip() for part in parts).strip():
        yield first, joined


def _requirement(number: int, content: str) -> Line | None:
    if content.startswith("-"):
        _check_option(content)
        return None
    body, *options = _OPTION.split(content)
    requirement = _parsed(body)
    return Line(
        number,
        canonicalize_name(requirement.name),
        _pin(requirement),
        _hashes(requirement.name, options),
        requirement.marker,
    )


def _check_option(content: str) -> None:
    name = re.split(r"[=\s]", content)[0]
    if name == "--require-hashes":
        return
    if name in _INDEX_OPTIONS:
        raise UserError(f"{name} is not allowed in a lock", fix="set index: in app.yml instead")
    if name in _FILE_OPTIONS:
        raise UserError(f"{name} is not followed: a lock is one file", fix=MAKE)
    if name in ("-e", "--editable"):
        path = content.removeprefix(name).strip("= ")
        # A URL isn't shown: it may carry a password.
        what = "this" if "://" in path or not path else path
        fix = (
            "ship its directory with the source (source: in app.yml), or build it, publish it on "
            "your index and pin its version"
        )
        raise UserError(f"{what} is an editable package, which can't be locked", fix=fix)
    raise UserError(f"{name} is not known in a lock", fix="remove that line")


def _parsed(body: str) -> Requirement:
    try:
        requirement = Requirement(body)
    except InvalidRequirement:
        if "://" in body:  # which isn't shown: it may carry a password
            raise UserError("a URL can't be locked", fix="pin a version with its hashes") from None
        if body.startswith((".", "/", "~")):
            raise UserError(
                f"{body} is a directory, which can't be locked",
                fix="publish it on your index and pin its version",
            ) from None
        raise UserError(f"{body!r} is not name==version", fix=MAKE) from None
    if requirement.url:
        raise UserError(
            f"{requirement.name} comes from a URL, which can't be locked",
            fix="pin a version with its hashes",
        )
    return requirement


def _pin(requirement: Requirement) -> str:
    pins = list(requirement.specifier)
    if len(pins) != 1 or pins[0].operator != "==" or pins[0].version.endswith(".*"):
        raise UserError(f"{requirement.name} is not pinned to one version with ==", fix=MAKE)
    return str(Version(pins[0].version))


def _hashes(name: str, options: list[str]) -> tuple[str, ...]:
    found = set()
    for option in options:
        if not (match := _HASH.fullmatch(option.strip())):
            kind = re.split(r"[=\s]", option)[0]
            what = "a hash that isn't SHA-256" if kind == "--hash" else kind
            raise UserError(f"{name} has {what}", fix=MAKE)
        found.add(match[1].lower())
    if not found:
        raise UserError(f"{name} has no --hash", fix=MAKE)
    return tuple(sorted(found))
