"""Public keys that may log in: written out, in files, or those that this machine logs in by."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path

from homeport.errors import UserError
from homeport.ssh import known_hosts

KEY = "authorized_keys"
TYPES = ("ssh-", "ecdsa-", "sk-")
MAKE = (
    "make a key with `ssh-keygen -t ed25519`, or name one: authorized_keys = ['~/.ssh/my-key.pub']"
)


def key_lines(entries: Sequence[str], root: Path, file: str = "group_data") -> tuple[str, ...]:
    """Return the lines of public keys (sshd(8), AUTHORIZED_KEYS), each once, in their order.

    An entry is such a line, or the path of a file of them, relative to `root`; `file` is where
    the entries are written. Raises ``UserError`` if one is no public key, without its contents,
    if a file can't be read, or if there is no key at all.
    """
    lines: list[str] = []
    for entry in entries:
        if entry.startswith(TYPES):
            lines.append(_checked(entry, file, None))
        else:
            path = root / Path(entry).expanduser()
            lines += _in(path)
    if not lines:
        raise UserError("there is no key in it", fix=MAKE, file=file, key=KEY)
    return tuple(dict.fromkeys(lines))


def own(identities: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of the public halves (`KEY.pub`) of private keys, by their paths.

    Raises ``UserError`` if there is none, or one is no public key.
    """
    private = (Path(identity).expanduser() for identity in identities)
    halves = (Path(f"{path}.pub") for path in private if path.is_file())
    lines = [line for half in halves if half.is_file() for line in _in(half)]
    if not lines:
        raise UserError("this machine has no key to log in by", fix=MAKE, key=KEY)
    return tuple(dict.fromkeys(lines))


def fingerprint(line: str) -> str:
    """Return the fingerprint of the key of a line, as sshd writes it into its log."""
    return known_hosts.fingerprint(line)


def _in(path: Path) -> list[str]:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it isn't text"
        fix = "name a file with public keys, or write the key's line out"
        raise UserError(f"can't be read: {why}", fix=fix, file=path, key=KEY) from None
    if "PRIVATE KEY" in text:
        fix = f"name its public half, {path.name}.pub: the private one stays where it is"
        raise UserError("this is a private key", fix=fix, file=path, key=KEY)
    numbered = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1)]
    return [_checked(line, path, n) for n, line in numbered if line and not line.startswith("#")]


def _checked(line: str, file: Path | str, number: int | None) -> str:
    words = line.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
        length = int.from_bytes(blob[:4], "big")
        right = blob[4 : 4 + length].decode() == words[0] and words[0].startswith(TYPES)
    except (IndexError, ValueError):
        right = False
    if not right or not line.isprintable():
        fix = "write it as `ssh-keygen` did: type, key and comment on one line"
        raise UserError("this is not a public key", fix=fix, file=file, line=number, key=KEY)
    return " ".join(words)
