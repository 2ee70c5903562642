"""What is known of a host during one run: looked up once, and again only after it changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS, pop_global_arguments
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.context import ctx_host

from homeport import hints
from homeport.errors import Mistake
from homeport.look import compose, parse
from homeport.resource import Answer, Change, Description, F, Kind, Unreadable


class Session:
    """One host's description, the kinds of resource that its phases take, and the last look."""

    def __init__(self, host: Host, kinds: Sequence[Kind[Any]], description: Description) -> None:
        self.host, self.kinds, self.description = host, tuple(kinds), description
        self.failed = False
        self.shown: dict[str, Sequence[Change]] = {}
        self._plan: dict[str, tuple[Any, list[Change]]] = {}
        self._changed_then = -1
        self._known: set[str] = set()

    def plan(self, kind: Kind[Any]) -> tuple[Any, list[Change]]:
        """Return what the host has of this kind, and what is to be changed.

        It looks at the host, for this kind and all later ones, unless it has looked since the
        last change there. Raises ``Unreadable`` when the host didn't give a whole answer, and
        ``Refusal`` or ``Mistake`` when what it is rules out what is described.
        """
        if kind not in self.kinds:
            mend = f"name {kind.name}.KIND among the kinds that begin is given"
            raise Mistake("this phase was not announced", mend=mend, key=kind.name)
        if self._changed_then != changes_so_far(self.host) or kind.name not in self._plan:
            self._look(self.kinds[self.kinds.index(kind) :])
        return self._plan[kind.name]

    def not_predicted(self) -> list[tuple[str, bool]]:
        """Return the ordinary operations that stand before this phase, each of them once.

        Each is its name, and whether it depends on a condition. There are none but in the
        preparing pass: later they have run, and what they did is looked at.
        """
        state = self.host.state
        self._known.add(self.host.current_op_hash or "")
        if state.is_executing or not state.should_check_for_changes():
            return []
        theirs = {
            made: done
            for made, done in state.ops[self.host].items()
            if made not in self._known and done.operation_meta.will_change
        }
        self._known |= theirs.keys()
        return [
            (", ".join(sorted(state.op_meta[made].names)), bool(done.global_arguments.get("_if")))
            for made, done in theirs.items()
        ]

    def _look(self, kinds: Sequence[Kind[Any]]) -> None:
        self._changed_then, self._plan = changes_so_far(self.host), {}
        answers = ask(self.host, kinds, self.description)
        upcoming: set[str] = set()
        for kind in kinds:
            found = _read(kind, answers[kind.name])
            changes = kind.diff(self.description, found, frozenset(upcoming))
            upcoming.update(change.target for change in changes)
            self._plan[kind.name] = (found, changes)
        # Only a plan that is whole and allowed is worth fetching anything for.
        for kind in kinds:
            found, changes = self._plan[kind.name]
            kind.provide(changes, found)


def ask(host: Host, kinds: Sequence[Kind[Any]], description: Description) -> Mapping[str, Answer]:
    """Run the probes of these kinds in one remote command and return their answers."""
    nonce, key = secrets.token_hex(8), secrets.token_hex(16)
    script = compose({kind.name: kind.probe(description, key) for kind in kinds}, nonce)
    try:
        done, output = host.run_shell_command(
            StringCommand("sh", "-s"), **{**_arguments(host), "_stdin": script}
        )
    except EOFError:
        # pyinfra asks for sudo's password where it needs one, and nobody is there to type it.
        raise Unreadable(hints.mend([hints.UNANSWERED]) or hints.UNANSWERED) from None
    if not done:
        if known := hints.mend(output.stderr_lines):
            raise Unreadable(known)
        said = "; ".join(output.stderr_lines[-3:]) or "it gave no reason"
        raise Unreadable(f"the host would not let itself be looked at: {said}")
    try:
        return parse(output.stdout_lines, [kind.name for kind in kinds], nonce, key)
    except Unreadable as error:
        said = "; ".join(output.stderr_lines[-3:])
        raise Unreadable(f"{error}{f' ({said})' if said else ''}") from error


def _arguments(host: Host) -> dict[str, Any]:
    """Return how commands are run there, such as by sudo; also where no operation is running."""
    given: Mapping[str, Any] = dict(
        host.current_op_global_arguments or pop_global_arguments(host.state, host, {})[0]
    )
    return {name: given[name] for name in CONNECTOR_ARGUMENT_KEYS if name in given}


def _read(kind: Kind[F], answer: Answer) -> F:
    try:
        return kind.read(answer)
    except (ValueError, LookupError) as error:
        raise Unreadable(f"what the host says of {kind.name} is not understood") from error


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
    """Return what ``begin`` opened for the host whose turn it is; raises ``OperationError``."""
    host = current_host()
    try:
        return _sessions[host.state][host.name]
    except KeyError:
        raise OperationError("this deploy has no begin(...) before its first phase") from None


def current_host() -> Host:
    """Return the host whose turn it is, and not the proxy for it that pyinfra hands out."""
    found: Host = ctx_host.get()
    return found
