"""Controllers and a dead-man at work on one host: one at a time takes its next step there."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import gevent
import pytest
from gevent.event import Event
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.api.state import State
from pyinfra.connectors.fake import FakeConnector
from pyinfra.connectors.util import CommandOutput, OutputLine
from pyinfra.context import ctx_host, ctx_state

from homeport.deployment import rollback, rotation
from homeport.deployment.rollback import RollbackTarget
from homeport.deployment.rotation import SecretValue
from homeport.engine import run
from homeport.engine.kind import AnyKind, DesiredState
from homeport.files import managed_set
from homeport.hostctl import protocol
from homeport.hostctl.system import atomic_files
from homeport.hostctl.verbs import begin
from homeport.operations import hostctl
from homeport.operations.hostctl import deploy_state
from tests.support.racing_host import APP, PATHS, Host, Version, cleared, write_program
from tests.support.racing_phases import Phase, described, phases, program

__all__ = ["Version", "interleavings"]


class Actor(Protocol):
    """What is at work on a host, step by step."""

    is_done: bool
    is_probing: bool
    has_failed: bool

    def step(self) -> None: ...

    def stop(self) -> None: ...


class Controller:
    """A controller: it waits before each command until it may run it."""

    at_work: ClassVar[WeakKeyDictionary[State, Controller]] = WeakKeyDictionary()

    def __init__(
        self, host: Host, kinds: Sequence[AnyKind], wanted: DesiredState, deploy: Sequence[Phase]
    ) -> None:
        self._host, self._kinds, self._wanted, self._phases = host, kinds, wanted, deploy
        self.state = State(Inventory(([("@fake/a", {})], {})), Config())
        self.at_work[self.state] = self
        connect_all(self.state)
        self._waits, self._may = Event(), Event()
        self.next = ""
        self.work = gevent.spawn(self._deploy)
        self._settle()

    @property
    def is_done(self) -> bool:
        """Whether its run is over."""
        return bool(self.work.ready())

    @property
    def is_probing(self) -> bool:
        """Whether its next command only reads."""
        return self.next == "sh -s"

    @property
    def has_failed(self) -> bool:
        """Whether its host has failed."""
        return bool(self.state.failed_hosts)

    def step(self) -> None:
        """Run its next command, and go on to the one after that."""
        self._waits.clear()
        self._may.set()
        self._settle()

    def stop(self) -> None:
        """Run no further command."""
        self.work.kill()

    def answer(self, command: Any, **arguments: Any) -> tuple[bool, CommandOutput]:
        """Run a command on the host, when it may."""
        stdin = arguments.get("_stdin")
        sent = stdin if isinstance(stdin, str) else "\n".join(stdin or [])
        self.next = command.get_raw_value()
        self._waits.set()
        self._may.wait()
        self._may.clear()
        # pyinfra has one state for all of a process.
        ctx_state.set(self.state)
        code, out, err = self._host.run(self.next, sent)
        lines = [OutputLine("stdout", text) for text in out.splitlines()]
        lines += [OutputLine("stderr", text) for text in err.splitlines()]
        return code == 0, CommandOutput(lines)

    def _settle(self) -> None:
        while not (self.is_done or self._waits.is_set()):
            gevent.sleep(0)
        if self.is_done:
            self.work.get()  # raises what it raised

    def _deploy(self) -> None:
        ctx_state.set(self.state)
        host = self.state.inventory.get_host("@fake/a")
        with ctx_host.use(host):
            run.start_run(self._kinds, self._wanted)
        # Where no host is left pyinfra ends the run.
        with suppress(PyinfraError):
            for phase in self._phases:
                add_op(self.state, phase.operation, host=[host], name=phase.name)
            run_ops(self.state)


class DeadMan:
    """The dead-man of a host: the time of what is open is up when its turn comes, once."""

    is_probing = has_failed = False

    def __init__(self, host: Host) -> None:
        self._host, self.is_done = host, False

    def step(self) -> None:
        """Act, if a deploy is open."""
        self.is_done = True
        self._host.deadman()

    def stop(self) -> None:
        """Do nothing more."""


class Work:
    """What controllers do: each returns an actor for a host."""

    def __init__(self, deploy: Sequence[Phase]) -> None:
        self._phases = deploy

    def deploy(self, version: Version) -> Callable[[Host], Actor]:
        """Deploy a version."""
        kinds = [phase.kind for phase in self._phases if phase.kind is not None]
        return lambda host: Controller(host, kinds, described(host, version), self._phases)

    def rollback(self) -> Callable[[Host], Actor]:
        """Roll back to what was confirmed before."""
        operation = [Phase("Rollback", rollback.converge)]

        def start(host: Host) -> Actor:
            current = f"{protocol.HOME}/{APP}/current"
            wanted = rollback.described(APP, current, RollbackTarget())
            return Controller(host, rollback.KINDS, wanted, operation)

        return start

    def rotation(self, value: str) -> Callable[[Host], Actor]:
        """Give a secret that value."""
        wanted = rotation.described(APP, "TOKEN", SecretValue(value))
        operation = [Phase("Rotate secret", rotation.converge)]
        return lambda host: Controller(host, rotation.KINDS, wanted, operation)

    def deadman(self) -> Callable[[Host], Actor]:
        """Have the time be up, whenever that is."""
        return DeadMan


class Order(NamedTuple):
    """The actors whose turn it is, one after the other, and those that sleep after that."""

    turns: tuple[int, ...] = ()
    asleep: frozenset[int] = frozenset()


class Interleavings:
    """All orders in which actors can take their steps on one host.

    Of orders that differ in nothing but which of two commands that only read comes first, there is
    one: what an actor sleeps over was tried before (sleep sets, Godefroid 1996).
    """

    def __init__(self, root: Path, work: Work) -> None:
        self._root, self.work = root, work

    def of(
        self,
        before: Sequence[Version],
        *actors: Callable[[Host], Actor],
        most: int | None = None,
    ) -> Iterator[tuple[Host, list[Actor]]]:
        """Yield the host and the actors after each of them.

        + before: the versions that were deployed to the host, one after the other
        + most: a seeded sample of so many; all of them if None
        """
        chosen, start = random.Random(0), self._root.with_name("start")
        cleared(self._root)
        first = Host(self._root)
        for version in before:
            done, _ = self._run(first, [self.work.deploy(version)], Order())
            assert not done[0].has_failed, version
        shutil.rmtree(start, ignore_errors=True)
        shutil.copytree(self._root, start, symlinks=True)
        waiting = [Order()]
        while waiting and most != 0:
            order = waiting.pop(-1 if most is None else chosen.randrange(len(waiting)))
            cleared(self._root)
            shutil.copytree(start, self._root, symlinks=True, dirs_exist_ok=True)
            host = Host(self._root, first.units)
            found, more = self._run(host, actors, order)
            waiting += more
            if found:
                most = None if most is None else most - 1
                yield host, found

    def _run(
        self, host: Host, started: Sequence[Callable[[Host], Actor]], order: Order
    ) -> tuple[list[Actor], list[Order]]:
        """Run in this order, then the first one first; return the other ways to go on.

        No actors are returned if all that is left was tried.
        """
        actors = [start(host) for start in started]

        def commute(asleep: set[int], turn: int) -> frozenset[int]:
            reads = actors[turn].is_probing
            return frozenset(n for n in asleep if reads and actors[n].is_probing)

        ran, asleep, others = list[int](), order.asleep, list[Order]()
        while live := [n for n, each in enumerate(actors) if not each.is_done]:
            if len(ran) < len(order.turns):
                turn = order.turns[len(ran)]
            else:
                awake = [n for n in live if n not in asleep]
                if not awake:
                    for n in live:
                        actors[n].stop()
                    return [], others
                turn = awake[0]
                for tried, other in enumerate(awake[1:], 1):
                    rest = commute({*asleep, *awake[:tried]}, other)
                    others.append(Order((*ran, other), rest))
                asleep = commute(set(asleep), turn)
            actors[turn].step()
            ran.append(turn)
        return actors, others


@pytest.fixture
def interleavings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Interleavings:
    # No test waits for a disk.
    monkeypatch.setattr(atomic_files, "fsync", lambda opened: None)
    root = tmp_path / "host"
    for name, folder in PATHS.items():
        monkeypatch.setattr(protocol, name, f"{root}/{folder}")
    state = protocol.STATE
    monkeypatch.setattr(deploy_state, "STATE", state)
    monkeypatch.setattr(managed_set, "ledger_path", lambda app, name: f"{state}/{app}/{name}")
    monkeypatch.setattr(begin, "session", lambda: None)
    file = tmp_path / "homeportctl"
    write_program(file, root)
    monkeypatch.setattr(protocol, "PROGRAM", str(file))

    def run_shell_command(
        self: FakeConnector, command: Any, *_: object, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        return Controller.at_work[self.state].answer(command, **arguments)

    monkeypatch.setattr(FakeConnector, "run_shell_command", run_shell_command)
    kind = program()
    monkeypatch.setattr(hostctl, "KIND", kind)
    return Interleavings(root, Work(phases(kind)))
