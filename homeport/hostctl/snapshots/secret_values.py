"""The secrets in images: which there are, which differ, and how one takes the place of another.

They lie in an environment file, and in configuration files that were made with them; those have a
mode of their own, by which they are known. No value leaves this module but into a file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .. import environment_file
from ..system import atomic_files
from ..system.paths import AppPaths
from . import snapshot
from .entry import FILE
from .images import Image

SHORTEST = 8
"""Characters of a value that is known again in a text of something else."""


class Replaced(NamedTuple):
    """Images with other secrets, and what still holds an old one: names and paths."""

    images: list[Image]
    left: list[str]


def values(content: bytes) -> dict[str, str]:
    """Return the secrets in an environment file, by name."""
    return environment_file.variables(content.decode(errors="surrogateescape"))


def of_host(place: AppPaths) -> dict[str, str]:
    """Return the secrets that the application has now."""
    return values(atomic_files.read(place.secrets) or b"")


def of_images(place: AppPaths, images: Iterable[Image]) -> dict[str, str]:
    """Return the secrets that it had by these images."""
    found = (image.content for image in images if place.at(image.path) == place.secrets)
    return values(next(found, b""))


def differing(place: AppPaths, images: Iterable[Image]) -> list[str]:
    """Return the names of the secrets that have another value now than in these images."""
    key = snapshot.key(place.hmac_key)
    then, now = (
        {name: _digest(value, key) for name, value in found.items()}
        for found in (of_images(place, images), of_host(place))
    )
    return sorted(name for name in then.keys() & now.keys() if then[name] != now[name])


def replaced(place: AppPaths, images: Sequence[Image], wanted: Mapping[str, str]) -> Replaced:
    """Return these images with the values that are wanted of the secrets that they hold."""
    then = of_images(place, images)
    changed = {
        name: (then[name], wanted[name])
        for name in sorted(then.keys() & wanted.keys())
        if then[name] != wanted[name]
    }
    if not changed:
        return Replaced(list(images), [])
    found, left = list[Image](), list[str]()
    for image in images:
        if place.at(image.path) == place.secrets:
            image = image._replace(content=_environment(image.content, wanted))
        elif _is_secret(place, image):
            left += [
                f"{name} in {image.path}"
                for name, (old, _) in changed.items()
                if len(old) < SHORTEST and old.encode() in image.content
            ]
            pairs = [pair for pair in changed.values() if len(pair[0]) >= SHORTEST]
            image = image._replace(content=_substituted(image.content, pairs))
        found.append(image)
    return Replaced(found, left)


def _is_secret(place: AppPaths, image: Image) -> bool:
    # What was made with a secret may be written by none: homeport gives it such a mode.
    kind, mode = image.entry.kind, image.entry.mode
    return kind == FILE and not mode & 0o222 and place.at(image.path).is_relative_to(place.etc)


def _environment(content: bytes, wanted: Mapping[str, str]) -> bytes:
    text = content.decode(errors="surrogateescape")
    lines = [_line(line, wanted) for line in text.split("\n")]
    return "\n".join(lines).encode(errors="surrogateescape")


def _line(line: str, wanted: Mapping[str, str]) -> str:
    found = environment_file.variable(line)
    if found is None or found[0] not in wanted:
        return line
    return environment_file.line(found[0], wanted[found[0]])


def _substituted(content: bytes, pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return a text with each old value replaced, however it is written in it, all at once."""
    forms = {
        before.encode(): after.encode()
        for old, new in pairs
        for before, after in zip(_forms(old), _forms(new), strict=True)
    }
    if not forms:
        return content
    longest_first = sorted(forms, key=len, reverse=True)
    pattern = re.compile(b"|".join(map(re.escape, longest_first)))
    return pattern.sub(lambda match: forms[match[0]], content)


def _forms(value: str) -> Iterator[str]:
    from urllib.parse import quote, quote_plus  # a rollback alone needs it, and seldom

    yield quote(value, safe="")
    yield quote_plus(value)
    yield quote(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield environment_file.escaped(value)
    # Last: where two forms of it are the same, this is how it is written.
    yield value


def _digest(value: str, key: bytes) -> str:
    return hmac.new(key, value.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()
