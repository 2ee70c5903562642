"""Commands for root on one host: the way that sudo there takes is found once, and kept."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
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

WAYS = {
    "terminal": (Sudo.TERMINAL,),
    "password": (Sudo.ASKS, Sudo.ASKS_ON_TERMINAL),
}
"""The ways to try, by what a host says of its sudo."""


@dataclass(frozen=True)
class Task:
    """A command for root, and what runs it."""

    command: StringCommand
    arguments: Mapping[str, Any]
    execute: Execute


@dataclass(frozen=True)
class Attempt:
    """An attempt by one way: its outcome, whether the command began, what sudo printed."""

    outcome: Outcome
    began: bool
    printed: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether another way would make no difference."""
        return self.began or bool(self.outcome.error)

    @property
    def last(self) -> str:
        """The last that sudo printed, for a message."""
        return "; ".join(self.printed[-2:]).rstrip(".") or "it gives no reason"


class Root:
    """The way in which commands of one host become root.

    + session: the way to the host
    + configured: the password in host data, or where it is kept
    + prefix: what stands before a question to the user
    + prompts: whether the user is asked for a password that host data don't have
    """

    def __init__(
        self, session: Session, configured: Any, prefix: str, *, prompts: bool = True
    ) -> None:
        self._session, self._configured, self._prefix = session, configured, prefix
        self._prompts = prompts
        self._sudo: Sudo | None = None
        self.lacks_password = False
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
        try:
            return self._by_sudo(Task(command, plain, execute))
        except secret.SecretError as error:
            return Outcome(None, str(error))

    def _by_sudo(self, task: Task) -> Outcome:
        tried = self._sudo or self._first()
        attempt = self._try(tried, task)
        if self._sudo is None and not attempt.is_over:
            lines: list[str] = []
            answer = self._inquire(task, lines)
            if answer.code is None:
                return answer
            found = become.found(lines)
            if found == "missing":
                return Outcome(None, MISSING)
            for way in WAYS.get(found, ()):
                if way.asks and not self._has_password():
                    self.lacks_password = True
                    return Outcome(None, UNANSWERED.format(user=self._session.user))
                if way is not tried and not attempt.is_over:
                    attempt = self._try(way, task)
        if attempt.is_over:
            return attempt.outcome
        return Outcome(None, REFUSES.format(user=self._session.user, output=attempt.last))

    def _first(self) -> Sudo:
        # A password that is at hand is offered at once: sudo may do without it.
        is_at_hand = bool(self._password or self._configured)
        return Sudo.ASKS if is_at_hand and self._has_password() else Sudo.FREE

    def _inquire(self, task: Task, lines: list[str]) -> Outcome:
        # The lines of this question are ours alone.
        marks = Marks()
        marks.own = lambda name, text: lines.append(text)
        return task.execute(f"sh -c {quote(become.FIND_OUT)}", b"", marks)

    def _try(self, way: Sudo, task: Task) -> Attempt:
        marks = Marks()
        made = become.line(task.command, task.arguments, marks, way, self._password)
        outcome = task.execute(made.words, made.first, marks)
        began = marks.began or outcome.code == 0
        if began:
            self._sudo = way
        return Attempt(outcome, began, tuple(text for _, text in marks.before))

    def _has_password(self) -> bool:
        if self._password is None and self._configured:
            self._password = secret.read(self._configured, "sudo_password")
        elif self._password is None and self._prompts and sys.stdin.isatty():
            with suppress(EOFError):
                self._password = Password(getpass.getpass(f"{self._prefix}sudo password: "))
        return self._password is not None
