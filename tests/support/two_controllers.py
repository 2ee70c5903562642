"""Two controllers that deploy to one host: one at a time runs its next command there.

The host is a folder. Its program is the real one, and so are the phases, in the order of deploy.py;
packages and the program itself are files that a phase of the same place makes.
"""

from __future__ import annotations

import io
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
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

from homeport.deployment import lifecycle
from homeport.engine import run
from homeport.engine.kind import NOTHING, AnyKind, Change, Commands, DesiredState, Kind
from homeport.engine.kind import PendingTargets as Pending
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import File
from homeport.hostctl import __main__, protocol
from homeport.hostctl.system import atomic_files
from homeport.hostctl.verbs import begin
from homeport.hostctl.verbs.context import Context
from homeport.operations import PHASES, hostctl, packages
from homeport.operations.config_files import ConfigFile
from homeport.operations.hostctl import deploy_state
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.resources import HostProgram
from tests.support.changes import change
from tests.support.phase_calls import phase_calls
from tests.support.rehearsed_host import Noted

ROOT = Path(__file__).parents[2]
APP = "shop"
PROGRAM = """\
#!{python} -IB
import sys
sys.path.insert(0, {root!r})
from homeport.hostctl import protocol
protocol.STATE, protocol.CONFIG, protocol.HOME = {paths!r}
from homeport.hostctl.__main__ import run
sys.exit(run())
"""
CALL = re.compile(r"^(\w+)\.(converge|begin|confirm)\(name=\"(.*)\"\)$", re.M)

Version = tuple[str, str]
"""What a file and a configuration file say: they are written by different phases."""


class Host:
    """The one host, as a folder."""

    def __init__(self, root: Path) -> None:
        self.root, self.commands = root, Noted()

    def version(self) -> Version:
        """Return what its two files say; empty where there is none."""
        paths = (self.root / "file", self.root / "configured")
        one, other = (path.read_text() if path.exists() else "" for path in paths)
        return one, other

    def history(self) -> list[dict[str, Any]]:
        """Return the lines of its history."""
        path = Path(protocol.STATE) / APP / protocol.HISTORY
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def is_open(self) -> bool:
        """Return whether a deploy is open, or the lease is held."""
        state = Path(protocol.STATE)
        places = (state / protocol.LEASE, state / APP / protocol.JOURNAL)
        return any(path.exists() for path in places)

    def run(self, line: str, sent: str) -> tuple[int, str, str]:
        """Run a command. The host's own program runs in this process where it can."""
        if line.startswith(protocol.PROGRAM):
            command, _, mark = line.partition("; echo ")
            code, out, err = self._run_program(shlex.split(command)[1:], sent)
            return 0, f"{out}{mark[1:-1].replace('$?', str(code))}\n", err
        done = subprocess.run(
            ["sh", "-c", line], input=sent, capture_output=True, text=True, cwd=self.root
        )
        return done.returncode, done.stdout, done.stderr

    def _run_program(self, words: Sequence[str], sent: str) -> tuple[int, str, str]:
        if not (self.root / "shipped").exists():
            return 127, "", "homeportctl: not found"
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = __main__.main(
                list(words), Context(commands=self.commands, stdin=io.StringIO(sent))
            )
        return code, out.getvalue(), err.getvalue()


class Controller:
    """A controller: it deploys a version, and waits before each command until it may run it."""

    at_work: ClassVar[WeakKeyDictionary[State, Controller]] = WeakKeyDictionary()

    def __init__(self, host: Host, wanted: Version, phases: Sequence[Phase]) -> None:
        self.wanted, self._host, self._phases = wanted, host, phases
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
        root, (one, other) = self._host.root, (text.encode() for text in self.wanted)
        described = (
            HostProgram(APP),
            File(f"{root}/file", one),
            ConfigFile(File(f"{root}/configured", other)),
        )
        host = self.state.inventory.get_host("@fake/a")
        kinds = [phase.kind for phase in self._phases if phase.kind is not None]
        with ctx_host.use(host):
            run.start_run(kinds, DesiredState(APP, described))
        # Where no host is left pyinfra ends the run.
        with suppress(PyinfraError):
            for phase in self._phases:
                add_op(self.state, phase.operation, host=[host], name=phase.name)
            run_ops(self.state)


class Phase(NamedTuple):
    """One operation of deploy.py: its name, and its kind if it is a phase."""

    name: str
    operation: Callable[..., object]
    kind: AnyKind | None = None


def phases(added: AnyKind, program: AnyKind) -> list[Phase]:
    """Return the operations of deploy.py, in its order, with these in place of two kinds."""
    text = (ROOT / "deploy.py").read_text()
    modules: dict[str, Any] = {call.printed: call.module for call in phase_calls(text)}
    ours = {kind.name: kind for kind in (added, program)}
    found = []
    for module, does, name in CALL.findall(text):
        if module == "lifecycle":
            found.append(Phase(name, getattr(lifecycle, does)))
        elif mine := ours.get(modules[name].KIND.name):
            found.append(Phase(name, operation_for(mine), mine))
        else:
            found.append(Phase(name, modules[name].converge, modules[name].KIND))
    assert [phase.kind.name for phase in found if phase.kind] == [kind.name for kind in PHASES]
    return found


def added_package() -> AnyKind:
    """Return packages: one, which is a file."""

    def diff(description: DesiredState, actual: str, pending: Pending = NOTHING) -> list[Any]:
        return [] if actual.strip() else [change("add", "curl", "missing", None, kind="packages")]

    def apply(*of: object) -> Commands:
        yield "touch installed"

    probe = "if [ -f installed ]; then echo installed; fi\n"
    return Kind(packages.KIND.name, lambda *_: probe, lambda answer: answer.text, diff, apply)


def shipped_program() -> AnyKind:
    """Return the host's program: it is there if a file is."""

    def parse(answer: Any) -> HostProgramState:
        lines = answer.text.splitlines()
        found = deploy_state.parse([line for line in lines if line != "shipped"])
        return HostProgramState("shipped" in lines, "shipped" in lines, found)

    def diff(
        description: DesiredState, actual: HostProgramState, pending: Pending = NOTHING
    ) -> list[Change[None]]:
        new = change("add", "homeportctl", "new", None, kind="hostctl")
        return [] if actual.is_shipped else [new]

    def apply(*of: object) -> Commands:
        yield "touch shipped"

    def probe(*of: object) -> str:
        return f"if [ -f shipped ]; then echo shipped; fi\n{deploy_state.probe(APP)}"

    known = hostctl.KIND.check_plan
    return Kind(hostctl.KIND.name, probe, parse, diff, apply, check_plan=known)


class Order(NamedTuple):
    """The controllers whose turn it is, one after the other, and those that sleep after that."""

    turns: tuple[int, ...] = ()
    asleep: frozenset[int] = frozenset()


class Interleavings:
    """All orders in which controllers that deploy can run their commands on one host.

    Of orders that differ in nothing but which of two commands that only read comes first, there is
    one: what a controller sleeps over was tried before (sleep sets, Godefroid 1996).
    """

    def __init__(self, root: Path, deploy: Sequence[Phase]) -> None:
        self._root, self._phases = root, deploy

    def of(
        self, first: Version | None, *wanted: Version, most: int | None = None
    ) -> Iterator[tuple[Host, list[Controller]]]:
        """Yield the host and the controllers after each of them.

        + first: the version that the host has, None if nothing was ever deployed to it
        + most: a seeded sample of so many; all of them if None
        """
        chosen = random.Random(0)
        start = self._root.with_name("start")
        self._clear()
        # What it takes to install packages is but more of the same, and there are many orders.
        (self._root / "installed").touch()
        if first is not None:
            self._run(Host(self._root), [first], Order())
        shutil.copytree(self._root, start)
        waiting = [Order()]
        while waiting and most != 0:
            order = waiting.pop(-1 if most is None else chosen.randrange(len(waiting)))
            self._clear()
            shutil.copytree(start, self._root, dirs_exist_ok=True)
            host = Host(self._root)
            controllers, more = self._run(host, wanted, order)
            waiting += more
            if controllers:
                most = None if most is None else most - 1
                yield host, controllers

    def _run(
        self, host: Host, wanted: Sequence[Version], order: Order
    ) -> tuple[list[Controller], list[Order]]:
        """Run in this order, then the first one first; return the other ways to go on.

        No controllers are returned if all that is left was tried.
        """
        controllers = [Controller(host, version, self._phases) for version in wanted]

        def commute(asleep: set[int], turn: int) -> frozenset[int]:
            reads = controllers[turn].is_probing
            return frozenset(n for n in asleep if reads and controllers[n].is_probing)

        ran, asleep, others = list[int](), order.asleep, list[Order]()
        while live := [n for n, each in enumerate(controllers) if not each.is_done]:
            if len(ran) < len(order.turns):
                turn = order.turns[len(ran)]
            else:
                awake = [n for n in live if n not in asleep]
                if not awake:
                    gevent.killall([controllers[n].work for n in live])
                    return [], others
                turn = awake[0]
                for tried, other in enumerate(awake[1:], 1):
                    rest = commute({*asleep, *awake[:tried]}, other)
                    others.append(Order((*ran, other), rest))
                asleep = commute(set(asleep), turn)
            controllers[turn].step()
            ran.append(turn)
        return controllers, others

    def _clear(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir()


@pytest.fixture
def interleavings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Interleavings:
    # No test waits for a disk.
    monkeypatch.setattr(atomic_files, "fsync", lambda opened: None)
    root = tmp_path / "host"
    paths = [f"{root}/{name}" for name in ("state", "etc", "srv")]
    for name, path in zip(("STATE", "CONFIG", "HOME"), paths, strict=True):
        monkeypatch.setattr(protocol, name, path)
    monkeypatch.setattr(deploy_state, "STATE", paths[0])
    monkeypatch.setattr(managed_set, "ledger_path", lambda app, name: f"{paths[0]}/{app}/{name}")
    monkeypatch.setattr(begin, "session", lambda: None)
    program = tmp_path / "homeportctl"
    program.write_text(PROGRAM.format(python=sys.executable, root=str(ROOT), paths=paths))
    program.chmod(0o755)
    monkeypatch.setattr(protocol, "PROGRAM", str(program))

    def run_shell_command(
        self: FakeConnector, command: Any, *_: object, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        return Controller.at_work[self.state].answer(command, **arguments)

    monkeypatch.setattr(FakeConnector, "run_shell_command", run_shell_command)
    kind = shipped_program()
    monkeypatch.setattr(hostctl, "KIND", kind)
    return Interleavings(root, phases(added_package(), kind))
