"""How a value becomes text that says the same on every machine and in every checkout.

What differs from one run to the next is replaced here, and nowhere else:

+ ``/project``: the folder of this checkout; ``/prefix`` that of the Python that runs it; ``/tmp``
  folders of a run are ``/scratch``
+ ``<digest>``: 64 hexadecimal digits: of content that is recorded itself, or of wheels; ``<short>``
  12 to 63 of them: the start of such a digest, a commit
+ ``<id>``: what a deploy is called; who deploys is always eve@desk
+ ``<body>``: base64 of a file that is recorded itself; a payload is told by its members
+ ``<pid>``, ``<start>``: the process that is at work
+ ``<commit>``: which commit a release is of, and whether files differ from it
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import sys
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path, PurePath

from homeport.files.install import BASE64

ROOT = Path(__file__).parents[2]
PLACES: dict[str, str] = {}
"""Paths of this run, and what each is called in a record; the longest is replaced first."""

PATTERNS = (
    (re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b"), "<id>"),
    (re.compile(r"(?:no commit|commit [0-9a-f]{12})(?:, with changes not committed)?"), "<commit>"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])"), "<digest>"),
    (re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[0-9])[0-9a-f]{12,63}(?![0-9A-Za-z])"), "<short>"),
    (re.compile(r"(?<=\t)[A-Za-z0-9+/]{60,}={0,2}$", re.M), "<body>"),
    (re.compile(r'"pid": \d+, "start": \d+'), '"pid": <pid>, "start": <start>'),
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
)


def settled(text: str) -> str:
    """Return the text without what differs from one run to the next."""
    places = {**PLACES, str(ROOT): "/project", str(Path(sys.prefix).resolve()): "/prefix"}
    for place in sorted(places, key=len, reverse=True):
        text = re.sub(rf"{re.escape(place)}(?![\w.-])", places[place], text)
        # As the members of an archive are named.
        bare = re.escape(place.lstrip("/"))
        text = re.sub(rf"(?<= ){bare}(?=/)", places[place].lstrip("/"), text)
    for pattern, name in PATTERNS:
        text = pattern.sub(name, text)
    return text


def titled(title: str, text: str) -> str:
    """Return a part of a record: a line of its own that names it, and its text."""
    return f"##### {title}\n{text.rstrip()}\n\n"


def indented(text: str, by: int = 4) -> str:
    """Return the text, every line moved to the right."""
    return "".join(f"{' ' * by}{line}".rstrip() + "\n" for line in text.splitlines())


def shown(value: object, by: int = 0, seen: set[str] | None = None) -> str:
    """Return a value as text: one field a line, what is in it moved to the right.

    What is in a value and was told above, in the same text, is named and not told again.
    """
    seen = set() if seen is None else seen
    pad = " " * by
    if is_dataclass(value) and not isinstance(value, type):
        lines = [
            f"{field.name}: {shown(getattr(value, field.name), by + 2, seen)}"
            for field in fields(value)
        ]
        name, whole = type(value).__name__, repr(value)
        if by and len(whole) > 200 and whole in seen:
            return f"{name}, as above: {lines[0]}"
        seen.add(whole)
        return f"{name}\n" + "".join(f"{pad}{line}" for line in lines)
    if isinstance(value, Mapping):
        pairs = sorted((str(key), value[key]) for key in value)
        return "\n" + "".join(f"{pad}{key}: {shown(part, by + 2, seen)}" for key, part in pairs)
    if isinstance(value, set | frozenset):
        return shown(sorted(value), by, seen)
    if isinstance(value, list | tuple):
        if value and all(isinstance(part, str) and _digest(part) for part in value):
            return f"{len(value)} digests\n"
        if all(isinstance(part, str | int) and "\n" not in str(part) for part in value):
            return f"{list(value)!r}\n"
        return "\n" + "".join(f"{pad}- {shown(part, by + 2, seen)}" for part in value)
    if isinstance(value, bytes):
        try:
            return shown(value.decode(), by, seen)
        except UnicodeDecodeError:
            return f"{len(value)} bytes\n"
    if isinstance(value, str) and "\n" in value:
        return "|\n" + indented(value, by + 2)
    if isinstance(value, PurePath):
        return f"{value}\n"
    return f"{value!r}\n"


def _digest(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def sent(lines: Iterable[str] | str) -> str:
    """Return what is sent on standard input: as text, or the members of an archive."""
    if isinstance(lines, str):
        return lines
    coding, *rest = lines
    if coding != BASE64:
        return "".join(f"{line}\n" for line in (coding, *rest))
    whole = b"".join(base64.b64decode(line) for line in rest)
    if whole[:2] == b"\x1f\x8b":
        whole = gzip.decompress(whole)
    try:
        with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
            members = archive.getmembers()
    except tarfile.TarError:
        return f"{whole.decode()}\n"
    return "".join(
        f"{'d' if each.isdir() else 'l' if each.issym() else '-'} {each.mode:o} "
        f"{each.uname or each.uid}:{each.gname or each.gid} {each.name}\n"
        for each in members
    )
