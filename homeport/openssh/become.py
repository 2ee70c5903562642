"""Root by sudo(8): without a password or with one, with or without a terminal.

Whether sudo lets us is not read from what it prints, which is in the language of the host: what
stands behind it says that it has begun. A password goes to sudo on standard input, in front of what
the command itself reads, and stands in no list of processes, environment or log of either machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from shlex import quote
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.connectors.util import make_unix_command

from homeport.hostctl.masking import KNOWN, SHORTEST
from homeport.openssh.marks import Marks

# script(1), an essential package of Debian's, gives sudo a terminal; what it runs keeps our pipes.
TERMINAL = "SHELL=/bin/sh script -q -e -c {} /dev/null 3<&0 4>&1 5>&2 </dev/null >/dev/null"
PIPES = " <&3 >&4 2>&5 3<&- 4>&- 5>&-"
ASKS = "SUDO"
"""The word after which a host says how sudo there is to be asked."""
FIND_OUT = f"""\
if ! command -v sudo >/dev/null; then echo {ASKS} missing
elif {TERMINAL.format(quote("sudo -n true"))} 2>/dev/null; then echo {ASKS} terminal
else echo {ASKS} password; fi"""


class Sudo(Enum):
    """The ways in which a host lets a user become root."""

    FREE = "without a password"
    TERMINAL = "without a password, from a terminal"
    ASKS = "by a password"
    ASKS_ON_TERMINAL = "by a password, from a terminal"

    @property
    def asks(self) -> bool:
        """Whether sudo asks for a password."""
        return self in (Sudo.ASKS, Sudo.ASKS_ON_TERMINAL)

    @property
    def wants_terminal(self) -> bool:
        """Whether sudo refuses without a terminal (``requiretty`` of sudoers(5))."""
        return self in (Sudo.TERMINAL, Sudo.ASKS_ON_TERMINAL)


class Password(str):
    """A password whose ``repr`` hides it, as in a dump of the data structure that holds it.

    This process prints no part of it either. One that is too short to be found in a text goes to
    ssh or sudo alone, and into no text of others.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Password:
        """Return the password, which is known to the masks from now on."""
        if len(text) >= SHORTEST:
            KNOWN.add("password", text)
        return super().__new__(cls, text)

    def __repr__(self) -> str:
        return "(hidden)"


@dataclass(frozen=True)
class Line:
    """The line that a host's shell runs, and its first standard input."""

    words: str
    first: bytes = b""


def line(
    command: StringCommand,
    arguments: Mapping[str, Any],
    marks: Marks,
    sudo: Sudo,
    password: Password | None = None,
) -> Line:
    """Return the line that runs a command by sudo, which says so when it has begun."""
    marks.holds = True
    marked = StringCommand(marks.inside(), command, _separator="")
    if not sudo.asks:
        words = make_unix_command(marked, **arguments).get_raw_value()
        return Line(_on_terminal(words) if sudo.wants_terminal else words)
    mark = f"homeport-{secrets.token_hex(8)}"
    # Where sudo asks for no password after all, nothing takes it for a command.
    skip = f'while IFS= read -r line && [ "$line" != {mark} ]; do :; done; '
    plain = {key: value for key, value in arguments.items() if key not in _OF_SUDO}
    inner = make_unix_command(marked, **plain).get_raw_value()
    words = f"{_sudo(arguments)} sh -c {quote(f'{skip}{inner}')}"
    first = f"{password or ''}\n{mark}\n".encode()
    return Line(_on_terminal(words) if sudo.wants_terminal else words, first)


def without(command: StringCommand, arguments: Mapping[str, Any]) -> Line:
    """Return the line for a login as root, by sudo only if it is for another user."""
    another = bool(arguments.get("_sudo_user"))
    words = make_unix_command(command, **{**arguments, "_sudo": another})
    return Line(words.get_raw_value())


def found(lines: Iterable[str]) -> str:
    """Return what ``FIND_OUT`` found: ``missing``, ``terminal``, ``password``, "" if nothing."""
    output = [text.split() for text in lines]
    return next((words[1] for words in output if words[:1] == [ASKS] and len(words) == 2), "")


_OF_SUDO = frozenset(
    {"_sudo", "_sudo_user", "_use_sudo_login", "_sudo_password", "_preserve_sudo_env"}
)


def _sudo(arguments: Mapping[str, Any]) -> str:
    return " ".join(_options(arguments))


def _options(arguments: Mapping[str, Any]) -> Iterator[str]:
    yield "sudo -H -S -k -p ''"
    if arguments.get("_use_sudo_login"):
        yield "-i"
    if arguments.get("_preserve_sudo_env"):
        yield "-E"
    if user := arguments.get("_sudo_user"):
        yield f"-u {quote(str(user))}"


def _on_terminal(words: str) -> str:
    # In a shell of its own: the line stands among words.
    return f"sh -c {quote(TERMINAL.format(quote(f'exec {words}{PIPES}')))}"
