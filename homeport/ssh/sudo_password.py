"""Become root by a password that stands in no list of processes, environment or log.

pyinfra hands a password for sudo over in a command line. Here it goes to sudo on standard input,
in front of what the command itself reads, and a line of its own says where that begins: where sudo
asks for no password after all, nothing takes it for a command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra.api.command import QuoteString, StringCommand
from pyinfra.connectors.util import make_unix_command

from homeport.ssh.stdin_lines import LazyLines

ASKS = "homeport: sudo asks for a password"


class Hidden(str):
    """A password whose ``repr`` hides it, as in a dump of the data structure that holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(hidden)"


class SudoStdin:
    """Standard input for ``by_password``: the password, a mark, and what the command reads."""

    def __init__(self, password: Hidden, mark: str, rest: Any) -> None:
        self._password, self._mark, self._rest = password, mark, rest

    def readlines(self) -> list[str]:
        """Return the lines; pyinfra calls this when it sends them."""
        return LazyLines(self.__iter__)

    def __iter__(self) -> Iterator[str]:
        yield str(self._password)
        yield self._mark
        rest = self._rest.readlines() if hasattr(self._rest, "readlines") else self._rest
        if isinstance(rest, list | tuple):
            yield from rest
        elif rest:
            yield rest


def by_password(command: StringCommand, mark: str, arguments: Mapping[str, Any]) -> StringCommand:
    """Return the command that runs another as root, with ``SudoStdin`` as its standard input.

    sudo(8) reads the password (-S), and the rest up to the line `mark` is skipped.
    """
    skip = f'while IFS= read -r line && [ "$line" != {mark} ]; do :; done;'
    return StringCommand(
        "sudo -H -S -k -p '' sh -c",
        QuoteString(StringCommand(skip, as_root(command, arguments))),
    )


def as_root(command: StringCommand, arguments: Mapping[str, Any]) -> StringCommand:
    """Return the command for a login as root, by sudo only if it is for another user."""
    another = bool(arguments.get("_sudo_user"))
    return make_unix_command(command, **{**arguments, "_sudo": another})


def if_free(command: StringCommand, arguments: Mapping[str, Any]) -> StringCommand:
    """Return the command that runs another as root without a password.

    Where sudo needs one, it writes ``ASKS`` to stderr instead and exits with 1.
    """
    asks = f"sudo -n true 2>/dev/null || {{ echo '{ASKS}' >&2; exit 1; }};"
    return StringCommand(asks, make_unix_command(command, **{**arguments, "_sudo": True}))
