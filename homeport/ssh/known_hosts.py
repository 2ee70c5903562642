"""A known_hosts file (sshd(8)): whose keys it has, and how it gets the keys of one more host."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

FOUND = re.compile(r"# Host .* found: line (\d+) ?(\w*)")
"""What ``ssh-keygen -F`` prints before each line that it finds: its number, and its marker."""
REVOKED = "REVOKED"


class Pin(NamedTuple):
    """A line that names a host: its number, counted from 1, and the key as ``type base64``."""

    line: int
    key: str


def named(host: str, port: int) -> str:
    """Return the name of a host in a known_hosts file: ``host``, or ``[host]:port`` but for 22."""
    return host if port == 22 else f"[{host}]:{port}"


def pins(text: str, name: str) -> list[Pin]:
    """Return the keys that a known_hosts text pins for a host, by its name or a hash of it."""
    return [
        Pin(number, key)
        for number, names, key in _found(text, name)
        if any(_is(one, name) for one in names.split(","))
    ]


def known(text: str, name: str) -> list[Pin]:
    """Return the keys that a known_hosts text has for a host: what ``pins`` does, and patterns."""
    return [Pin(number, key) for number, _, key in _found(text, name)]


def revoked(text: str, name: str) -> list[Pin]:
    """Return the keys by which a host may not prove itself."""
    return [Pin(number, key) for number, _, key in _found(text, name, REVOKED)]


def with_keys(text: str, name: str, keys: Sequence[str]) -> str:
    """Return the text with these keys (``type base64``) for a host and no others.

    Other lines stay to the byte, and a line that names other hosts too stays for them.
    """
    lines = _lines(text)
    wanted = [key for key in keys if key not in {pin.key for pin in pins(text, name)}]
    for number, names, key in _found(text, name):
        others = [other for other in names.split(",") if not _is(other, name)]
        if key in keys or len(others) == len(names.split(",")):
            continue
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


def pin(file: Path, name: str, keys: Sequence[str]) -> None:
    """Pin these keys for a host, and no others, in a file; see ``with_keys``.

    Others who do so at the same time wait. The file is replaced whole or not at all; its mode
    stays, and a new one has 0644. Raises ``OSError`` if it can't be written.
    """
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file.parent):
        text = with_keys(read(file), name, keys)
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        handle, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(handle, "w", errors="surrogateescape") as stream:
                os.fchmod(handle, mode)
                stream.write(text)
                stream.flush()
                os.fsync(handle)
            Path(beside).rename(file)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _lines(text: str) -> list[str]:
    # As ssh-keygen counts them: a newline ends a line, and no other character does.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _found(text: str, name: str, marker: str = "") -> Iterator[tuple[int, str, str]]:
    # ssh's own reading: what a pattern means, or a hash, and in which case names are written.
    command = ["ssh-keygen", "-F", name, "-f", "/dev/stdin"]
    output = text.encode(errors="surrogateescape")
    done = subprocess.run(command, input=output, capture_output=True, check=False)
    for line in done.stdout.decode(errors="surrogateescape").splitlines():
        if not (mark := FOUND.match(line)):
            continue
        names, *key = _lines(text)[int(mark[1]) - 1].split()[bool(marker) :]
        # Authorities and revoked keys are no host's own: they stand after a marker.
        if mark[2] == marker and len(key) >= 2:
            yield int(mark[1]), names, f"{key[0]} {key[1]}"


def _is(one: str, name: str) -> bool:
    # A line of ssh-keygen's finding names the host: by itself, by a hash, or by a pattern.
    return one.startswith("|1|") or one.lower() == name.lower()
