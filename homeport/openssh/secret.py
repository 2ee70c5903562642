"""A password from host data: written there, in a file, or printed by a command of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeport.openssh.become import Password


class SecretError(Exception):
    """A password can't be read; the message has nothing of it."""


def read(value: Any, key: str) -> Password | None:
    """Return the password that host data name by a key, None if they don't.

    Raises ``SecretError`` if it can't be read.
    """
    if not value:
        return None
    if isinstance(value, str):
        return Password(value)
    # Only where there is such a reference.
    from homeport.errors import UserError
    from homeport.secret_refs import from_command, from_file

    try:
        match value:
            case {"file": str(path), **rest} if not rest:
                return Password(from_file(Path.cwd() / Path(path).expanduser(), key))
            case {"command": [*words], **rest} if words and not rest:
                return Password(from_command([str(word) for word in words], key, Path.cwd()))
    except UserError as error:
        raise SecretError(str(error)) from None
    raise SecretError(f'{key} is neither {{"file": PATH}} nor {{"command": [WORD, ...]}}')


def hidden(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return host data for a log: without passwords."""
    return {key: "(hidden)" if "password" in key else value for key, value in data.items()}


def concealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return host data whose passwords in clear no log shows, and which the masks know."""
    return {
        key: Password(value) if "password" in key and isinstance(value, str) and value else value
        for key, value in data.items()
    }
