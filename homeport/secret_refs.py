"""Secrets by reference: read on the controller, and never written there."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from homeport.errors import UserError


def from_file(path: Path, key: str) -> str:
    """Return the secret in a file, without the line break at its end.

    ``key`` is the key of the secret, for errors. Raises ``UserError`` if the file can't be read,
    others than its owner may read it, or it isn't one line of text.
    """
    try:
        text = path.read_text()
        others = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it isn't UTF-8 text"
        fix = "write the secret into that file, with mode 0600"
        raise UserError(f"can't be read: {why}", fix=fix, file=path, key=key) from None
    if others:
        raise UserError(
            "others may read this secret", fix=f"run `chmod 600 {path}`", file=path, key=key
        )
    return _usable(text, key, str(path))


def from_command(command: Sequence[str], key: str, folder: Path) -> str:
    """Return the secret that a command prints, without the line break at its end.

    It runs in ``folder``, and its stderr goes to the terminal. Raises ``UserError`` if it can't be
    run, fails, or doesn't print one line of text. The error has none of its output, which may be
    the secret.
    """
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=False)
    except OSError as error:
        fix = f"install {command[0]}, or correct the command"
        raise UserError(f"can't be run: {error.strerror}", fix=fix, key=key) from None
    if done.returncode != 0:
        fix = f"run it by hand to see why: {' '.join(command)}"
        raise UserError(f"its command exits with {done.returncode}", fix=fix, key=key)
    return _usable(done.stdout.decode(errors="replace"), key, command[0])


def _usable(text: str, key: str, origin: str) -> str:
    value = text.rstrip("\r\n")
    if not value:
        raise UserError(f"{origin} gives an empty secret", fix="put a value there", key=key)
    # systemd leaves a variable with a control character out, and starts the service all the same.
    if any((letter < " " and letter != "\t") or letter in "\x7f\ufffd" for letter in value):
        raise UserError(
            f"{origin} gives more than one line of plain text",
            fix="keep one line there, or base64 it",
            key=key,
        )
    return value
