"""A host outside of a deploy: it is reached as a deploy reaches it, and commands run there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gevent.lock import RLock
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.openssh.connector import OpenSSHConnector
from homeport.openssh.entry_point import register
from homeport.openssh.session import Outcome

COMMAND = 'sh -c "$(cat)" </dev/null'
"""Shell that runs what it reads: no quotes grow, and no command line is too long."""

PATIENCE = 15 * 60
"""Seconds in which a host has to answer: those who ask others wait for it."""


class UnreachableError(Exception):
    """A host can't be reached, or sudo there refuses; the message is one line with its fix."""


@dataclass(frozen=True)
class Ended:
    """The end of a command: its exit code, its output, and its errors as text."""

    code: int
    output: bytes
    errors: str


class Remote:
    """The way to a host, by its name in an inventory and its host data.

    A command becomes root where host data say so (``_sudo``).
    """

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        register()
        # A host of @ssh is reached the same way.
        known = name.rpartition("/")[2]
        state = State(Inventory(([(f"@openssh/{known}", dict(data))], {})), Config())
        self._connector = OpenSSHConnector(state, state.inventory.get_host(known))
        self._arguments = {key: value for key, value in data.items() if key.startswith("_")}
        self._limit = float(data.get("ssh_command_timeout") or PATIENCE)
        self._is_ready, self._lock = False, RLock()

    def run(self, script: str) -> Ended:
        """Run a script of shell; return how it ended. Raises ``UnreachableError``.

        Several may run at a time. After a connection that broke the next one logs in anew.
        """
        self._make_ready()
        output, errors = bytearray(), list[str]()
        outcome = self._run(COMMAND, script, output, errors)
        if outcome.code is None:
            self._is_ready = False
            raise UnreachableError(outcome.error)
        return Ended(outcome.code, bytes(output), "\n".join(errors))

    def end(self) -> None:
        """End the login, unless it is kept for the next run."""
        self._connector.disconnect()

    def _make_ready(self) -> None:
        # Once: two questions at a time would each ask for a password.
        with self._lock:
            if self._is_ready:
                return
            try:
                self._connector.connect()
            except ConnectError as error:
                raise UnreachableError(str(error)) from None
            outcome = self._run("true", "", bytearray(), [])
            if outcome.code is None:
                raise UnreachableError(outcome.error)
            self._is_ready = True

    def _run(self, words: str, stdin: str, output: bytearray, errors: list[str]) -> Outcome:
        return self._connector.run(
            StringCommand(words),
            lambda _, text: errors.append(text),
            raw=output.extend,
            **{"_timeout": self._limit, **self._arguments, "_stdin": stdin},
        )
