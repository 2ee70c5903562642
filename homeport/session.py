"""What is known of a host during one run: looked up once, and again only after it changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS
from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.context import ctx_host

from homeport.look import compose, parse
from homeport.resource import Answer, Change, Description, Kind, Unreadable


class Session:
    """One host's description, the kinds of resource that its phases take, and the last look."""

    def __init__(self, host: Host, kinds: Sequence[Kind[Any]], description: Description) -> None:
        self.host, self.kinds, self.description = host, tuple(kinds), description
        self.failed = False
        self.shown: dict[str, Sequence[Change]] = {}
        self._found: dict[str, Any] = {}
        self._changed_then = -1

    def found(self, kind: Kind[Any]) -> Any:
        """Return what the host has of this kind, looking at it and all later kinds if need be.

        Raises ``Unreadable`` when the host didn't give a whole answer, and ``Refusal`` or
        ``Mistake`` when what it is rules out what is described.
        """
        if self._changed_then != changes_so_far(self.host) or kind.name not in self._found:
            self._look(self.kinds[self.kinds.index(kind) :])
        return self._found[kind.name]

    def _look(self, kinds: Sequence[Kind[Any]]) -> None:
        self._changed_then = changes_so_far(self.host)
        answers = ask(self.host, kinds, self.description)
        self._found = {kind.name: kind.read(answers[kind.name]) for kind in kinds}
        for kind in kinds:
            kind.diff(self.description, self._found[kind.name])
        for kind in kinds:
            kind.provide(self.description, self._found[kind.name])


def ask(host: Host, kinds: Sequence[Kind[Any]], description: Description) -> Mapping[str, Answer]:
    """Run the probes of these kinds in one remote command and return their answers."""
    nonce, key = secrets.token_hex(8), secrets.token_hex(16)
    script = compose({kind.name: kind.probe(description, key) for kind in kinds}, nonce)
    given: Mapping[str, Any] = dict(host.current_op_global_arguments or {})
    arguments = {name: given[name] for name in CONNECTOR_ARGUMENT_KEYS if name in given}
    done, output = host.run_shell_command(
        StringCommand("sh", "-s"), **{**arguments, "_stdin": script}
    )
    if not done:
        said = "; ".join(output.stderr_lines[-3:]) or "it gave no reason"
        raise Unreadable(f"the host would not let itself be looked at: {said}")
    try:
        return parse(output.stdout_lines, [kind.name for kind in kinds], nonce, key)
    except Unreadable as error:
        said = "; ".join(output.stderr_lines[-3:])
        raise Unreadable(f"{error}{f' ({said})' if said else ''}") from error


def changes_so_far(host: Host) -> int:
    """Return how many operations of this run, ours or not, ran a command on this host."""
    operations = host.state.ops[host].values()
    return sum(done.operation_meta.executed for done in operations)


_sessions: WeakKeyDictionary[State, dict[str, Session]] = WeakKeyDictionary()


def begin(kinds: Sequence[Kind[Any]], description: Description) -> None:
    """Say, once per host and run, what the host should have and which phases will see to it."""
    host = current_host()
    _sessions.setdefault(host.state, {})[host.name] = Session(host, kinds, description)


def session() -> Session:
    """Return what ``begin`` opened for the host whose turn it is."""
    host = current_host()
    return _sessions[host.state][host.name]


def current_host() -> Host:
    """Return the host whose turn it is, and not the proxy for it that pyinfra hands out."""
    found: Host = ctx_host.get()
    return found
