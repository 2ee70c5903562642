"""Commands for root on one host: the way that sudo there takes is found once, and kept."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from shlex import quote
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.connectors.util import make_unix_command_for_host

from homeport.openssh import become, secret
from homeport.openssh.become import Password, Sudo
from homeport.openssh.marks import Marks
from homeport.openssh.session import Outcome, Session

Execute = Callable[[str, bytes, Marks], Outcome]
"""Runs words that are quoted for a host's shell, with what goes in first, in these marks."""

MISSING = (
    "it has no sudo. Fix: log in there as root and run `apt-get install sudo`, or set ssh_user to "
    "root and _sudo to False."
)
UNANSWERED = (
    "its sudo asks for a password, and there is no terminal to type it on. Fix: deploy where "
    'you can type it, set sudo_password = {{"command": ["pass", "show", "pi"]}}, or, as root '
    "there, run `echo '{user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{user}`."
)
REFUSES = "its sudo refuses {user}: {output}. Fix: correct sudo_password, or see sudoers(5) there."


class Root:
    """The way in which commands of one host become root.

    + session: the way to the host
    + configured: the password in host data, or where it is kept
    + prefix: what stands before a question to the user
    """

    def __init__(self, session: Session, configured: Any, prefix: str) -> None:
        self._session, self._configured, self._prefix = session, configured, prefix
        self._sudo: Sudo | None = None
        self._password: Password | None = None

    def run(
        self,
        state: State,
        host: Host,
        command: StringCommand,
        arguments: Mapping[str, Any],
        execute: Execute,
    ) -> Outcome:
        """Run a command as its arguments say; return what came of it."""
        if not arguments.get("_sudo"):
            words = make_unix_command_for_host(state, host, command, **arguments)
            return execute(words.get_raw_value(), b"", Marks())
        plain = {key: value for key, value in arguments.items() if key != "_sudo_password"}
        if self._session.user == "root":
            made = become.without(command, plain)
            return execute(made.words, made.first, Marks())
        if password := arguments.get("_sudo_password"):
            self._password = Password(str(password))
        if self._sudo is not None:
            return self._try(self._sudo, command, plain, execute)[0]
        outcome, marks, output = self._once(Sudo.FREE, command, plain, execute)
        if _has_begun(outcome, marks):
            self._sudo = Sudo.FREE
            return outcome
        return self._find(command, plain, execute, output)

    def _find(
        self,
        command: StringCommand,
        arguments: Mapping[str, Any],
        execute: Execute,
        output: list[str],
    ) -> Outcome:
        lines: list[str] = []
        asking = Marks()
        outcome = self._inquire(execute, asking, lines)
        if outcome.code is None:
            return outcome
        match become.found(lines):
            case "missing":
                return Outcome(None, MISSING)
            case "terminal":
                ways = [Sudo.TERMINAL]
            case "password":
                ways = [Sudo.ASKS, Sudo.ASKS_ON_TERMINAL]
            case _:
                return Outcome(None, REFUSES.format(user=self._session.user, output=_last(output)))
        if ways[0].asks:
            try:
                self._password = self._password or self._ask()
            except secret.SecretError as error:
                return Outcome(None, str(error))
            if self._password is None:
                return Outcome(None, UNANSWERED.format(user=self._session.user))
        for way in ways:
            outcome, begun, output = self._try(way, command, arguments, execute)
            if begun or outcome.error:
                if begun:
                    self._sudo = way
                return outcome
        return Outcome(None, REFUSES.format(user=self._session.user, output=_last(output)))

    def _inquire(self, execute: Execute, marks: Marks, lines: list[str]) -> Outcome:
        # The lines of this question are ours alone.
        def line(name: str, text: str) -> None:
            lines.append(text)

        marks.own = line
        return execute(f"sh -c {quote(become.FIND_OUT)}", b"", marks)

    def _try(
        self, way: Sudo, command: StringCommand, arguments: Mapping[str, Any], execute: Execute
    ) -> tuple[Outcome, bool, list[str]]:
        outcome, marks, output = self._once(way, command, arguments, execute)
        begun = _has_begun(outcome, marks)
        if self._sudo is way and not begun and not outcome.error:
            refused = REFUSES.format(user=self._session.user, output=_last(output))
            return Outcome(None, refused), begun, output
        return outcome, begun, output

    def _once(
        self, way: Sudo, command: StringCommand, arguments: Mapping[str, Any], execute: Execute
    ) -> tuple[Outcome, Marks, list[str]]:
        marks = Marks()
        made = become.line(command, arguments, marks, way, self._password)
        outcome = execute(made.words, made.first, marks)
        return outcome, marks, [text for _, text in marks.before]

    def _ask(self) -> Password | None:
        if self._configured:
            return secret.read(self._configured, "sudo_password")
        if not sys.stdin.isatty():
            return None
        try:
            return Password(getpass.getpass(f"{self._prefix}sudo password: "))
        except EOFError:
            return None


def _has_begun(outcome: Outcome, marks: Marks) -> bool:
    return marks.began or outcome.code == 0


def _last(output: list[str]) -> str:
    return "; ".join(output[-2:]).rstrip(".") or "it gives no reason"
