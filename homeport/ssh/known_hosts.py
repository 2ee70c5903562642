"""A known_hosts file (sshd(8)): whose keys it has, and how it gets the keys of one more host."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple


class Pin(NamedTuple):
    """A line that names a host: its number, counted from 1, and the key as ``type base64``."""

    line: int
    key: str


def named(host: str, port: int) -> str:
    """Return the name of a host in a known_hosts file: ``host``, or ``[host]:port`` but for 22."""
    return host if port == 22 else f"[{host}]:{port}"


def pins(text: str, name: str) -> list[Pin]:
    """Return the keys that a known_hosts text pins for a host, hashed names included."""
    return [Pin(number, key) for number, names, key in _entries(text) if _matches(names, name)]


def with_keys(text: str, name: str, keys: Sequence[str]) -> str:
    """Return the text with these keys (``type base64``) for a host and no others.

    Other lines stay to the byte, and a line that names other hosts too stays for them.
    """
    lines = text.splitlines(keepends=True)
    wanted = [key for key in keys if key not in {pin.key for pin in pins(text, name)}]
    for number, names, key in _entries(text):
        if not _matches(names, name) or key in keys:
            continue
        others = [other for other in names.split(",") if not _matches(other, name)]
        _, _, rest = lines[number - 1].partition(names)
        lines[number - 1] = f"{','.join(others)}{rest}" if others else ""
    content = "".join(lines)
    gap = "\n" if content and not content.endswith("\n") else ""
    return content + gap + "".join(f"{name} {key}\n" for key in wanted)


def fingerprint(key: str) -> str:
    """Return the fingerprint of a key in ``type base64``, as ssh-keygen(1) -l prints it.

    Raises ``ValueError`` if it is no key.
    """
    try:
        blob = base64.b64decode(key.split(" ")[1], validate=True)
    except (IndexError, ValueError) as error:
        raise ValueError(f"not a key: {key[:40]!r}") from error
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def read(file: Path) -> str:
    """Return the text of a file, "" if there is none. Raises ``OSError`` if it can't be read."""
    try:
        return file.read_text(errors="surrogateescape")
    except FileNotFoundError:
        return ""


def write(file: Path, text: str) -> None:
    """Replace a file, whole or not at all; its mode stays, and a new one has 0644.

    Raises ``OSError`` if it can't be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    beside = file.with_name(f".{file.name}.new")
    with beside.open("w", errors="surrogateescape") as stream:
        beside.chmod(mode)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.rename(file)


def _entries(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        # Authorities and revoked keys are no host's own: they stand after a marker.
        if len(words) >= 3 and not words[0].startswith(("#", "@")):
            yield number, words[0], f"{words[1]} {words[2]}"


def _matches(names: str, name: str) -> bool:
    every = names.split(",")
    return any(_hashed(one, name) if one.startswith("|1|") else one == name for one in every)


def _hashed(entry: str, name: str) -> bool:
    try:
        _, _, salt, digest = entry.split("|")
        key = base64.b64decode(salt)
        return hmac.digest(key, name.encode(), "sha1") == base64.b64decode(digest)
    except ValueError:
        return False
