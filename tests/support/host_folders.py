"""Hosts for pyinfra's own API: each a directory, with a real shell that works in it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.api.state import State
from pyinfra.connectors.fake import FakeConnector
from pyinfra.connectors.util import CommandOutput, OutputLine
from pyinfra.context import ctx_host, ctx_state

Answer = Callable[[str], str]


@dataclass
class Fleet:
    """Hosts by name, each with its directory, what it was told to run, and what it says to looks.

    ``spoil`` gives a host's way to alter what a look prints; a host that is ``deaf`` runs nothing
    and gives that reason.
    """

    root: Path
    probes: dict[str, list[str]] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)
    arguments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    spoil: dict[str, Answer] = field(default_factory=dict)
    deaf: dict[str, str] = field(default_factory=dict)
    state: State = field(default_factory=State)

    def start(self, *names: str, check_for_changes: bool = True, diff: bool = False) -> None:
        for name in names:
            (self.root / name).mkdir()
            self.probes[name], self.commands[name], self.arguments[name] = [], [], []
        inventory = Inventory(([(f"@fake/{name}", {}) for name in names], {}))
        self.state = State(inventory, Config(), check_for_changes=check_for_changes)
        self.state.config.DIFF = diff
        connect_all(self.state)

    def host(self, name: str) -> Host:
        return self.state.inventory.get_host(f"@fake/{name}")

    def on_each(self, work: Callable[[], object]) -> None:
        """Have the work done as deploy.py is: once for each host, as that host."""
        with ctx_state.use(self.state):
            for host in list(self.state.inventory):
                with ctx_host.use(host):
                    work()

    def add(self, *operations: Any, **arguments: Any) -> None:
        for operation in operations:
            add_op(self.state, operation, host=list(self.state.inventory), **arguments)

    def run(self) -> None:
        run_ops(self.state)

    def failed(self) -> set[str]:
        return {host.name.removeprefix("@fake/") for host in self.state.failed_hosts}

    def answer(self, host: Host, command: Any, **arguments: Any) -> tuple[bool, CommandOutput]:
        name = host.name.removeprefix("@fake/")
        stdin = arguments.get("_stdin")
        sent = stdin if isinstance(stdin, str) else "\n".join(stdin or [])
        line = command.get_raw_value()
        is_probe = line == "sh -s"
        (self.probes if is_probe else self.commands)[name].append(sent if is_probe else line)
        self.arguments[name].append(arguments)
        if name in self.deaf:
            errors = self.deaf[name].splitlines()
            return False, CommandOutput([OutputLine("stderr", text) for text in errors])
        done = subprocess.run(
            ["sh", "-c", line], input=sent, capture_output=True, text=True, cwd=self.root / name
        )
        out = self.spoil[name](done.stdout) if is_probe and name in self.spoil else done.stdout
        lines = [OutputLine("stdout", text) for text in out.splitlines()]
        lines += [OutputLine("stderr", text) for text in done.stderr.splitlines()]
        return done.returncode == 0, CommandOutput(lines)


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    fleet = Fleet(tmp_path)

    def run_shell_command(
        self: FakeConnector, command: Any, *_: object, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        return fleet.answer(self.host, command, **arguments)

    monkeypatch.setattr(FakeConnector, "run_shell_command", run_shell_command)
    return fleet
