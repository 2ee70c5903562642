"""Deploys through pyinfra itself, of a host that is simulated: what is planned, sent, and asked."""

from __future__ import annotations

import io
import json
import logging
import re
import runpy
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

from pyinfra import local, logger
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.operations import run_ops
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.fake import FakeConnector
from pyinfra.connectors.local import LocalConnector
from pyinfra.connectors.util import CommandOutput, OutputLine
from pyinfra.context import ctx_host, ctx_state

from homeport.engine.kind import Change
from homeport.engine.run import runs_of
from homeport.hostctl.protocol import PROGRAM
from homeport.ssh import connection
from tests.golden.simulated import Simulated
from tests.golden.text import ROOT, indented, sent

CALL = re.compile(r'^(\w+)\.converge\(name="([^"]+)"\)', re.M)
NAME = re.compile(r"(\x1b\[[\d;]+m)*\[.*?\](\x1b\[[\d;]+m)* ")
LOGINS = {
    "reason_against": "(a new login)",
    "reason_against_closed": "(a new login, by key alone)",
}
"""Functions of the connection that log in anew, and what each is called in a record."""
ENDED = "homeportctl ended with 0"


@dataclass
class Run:
    """One run of a deploy file: what was said, and each command with the phase that ran it.

    + says: what the program on the host ends with and prints, by its verb
    + bars: why a new login doesn't work, by the function of the connection that makes it
    """

    host: Simulated
    file: str = "deploy.py"
    says: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    bars: Mapping[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    commands: list[tuple[str, str, str]] = field(default_factory=list)
    failed: bool = False

    def go(
        self, data: Mapping[str, Any], name: str, execute: bool = False, diffs: bool = True
    ) -> Run:
        """Run it; without ``execute`` it is a dry run."""
        phases = {called: kind for kind, called in CALL.findall((ROOT / self.file).read_text())}

        def run_shell_command(
            connector: FakeConnector | LocalConnector, command: Any, *_: object, **arguments: Any
        ) -> tuple[bool, CommandOutput]:
            return self._answer(connector.host, command.get_raw_value(), arguments, phases)

        def login(name: str, host: Host, *_: object) -> str | None:
            self.commands.append((_phase(host), LOGINS[name], ""))
            return self.bars.get(name)

        inventory = Inventory(([(name, {**data, "fake_delay": 0})], {}))
        state = State(inventory, Config(), check_for_changes=True)
        state.config.DIFF = diffs
        with ExitStack() as stack:
            for connector in (FakeConnector, LocalConnector):
                place = (connector, "run_shell_command", run_shell_command)
                stack.enter_context(mock.patch.object(*place))
            for name in LOGINS:
                stack.enter_context(mock.patch.object(connection, name, partial(login, name)))
            stack.enter_context(mock.patch.object(time, "sleep", lambda seconds: None))
            # Only pyinfra's command line includes files: this one would say where to stand.
            stack.enter_context(mock.patch.object(local, "include", lambda path: None))
            stack.enter_context(redirect_stdout(io.StringIO()))
            stack.enter_context(self._listening())
            connect_all(state)
            state.set_stage(StateStage.Prepare)
            with ctx_state.use(state):
                for host in list(state.inventory):
                    with ctx_host.use(host):
                        runpy.run_path(str(ROOT / self.file))
            self.plan, self.messages = self.messages, []
            for session in runs_of(state).values():
                for kind, changes in session.printer.plans.items():
                    self.changes[kind] = [_as_dict(each) for each in changes]
            if execute and not state.failed_hosts:
                state.set_stage(StateStage.Execute)
                try:
                    run_ops(state)
                except PyinfraError as error:
                    self.messages.append(f"pyinfra: {error}")
            self.failed = bool(state.failed_hosts)
        return self

    @contextmanager
    def _listening(self) -> Iterator[None]:
        class Listener(logging.Handler):
            def emit(handler, record: logging.LogRecord) -> None:  # noqa: N805 - `self` is the run
                # The name of the one host says nothing, and stands before every line.
                self.messages.append(NAME.sub("", record.getMessage()))

        listener, level, others = Listener(), logger.level, logger.handlers[:]
        logger.handlers[:], logger.propagate = [listener], False
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.handlers[:] = others
            logger.setLevel(level)

    def _answer(
        self, host: Host, line: str, arguments: Mapping[str, Any], phases: Mapping[str, str]
    ) -> tuple[bool, CommandOutput]:
        phase = _phase(host)
        payload = arguments.get("_stdin")
        if line == "sh -s":
            self.commands.append((phase, "(a look)", ""))
            return True, _output(self.host.probe(payload))
        self.commands.append((phase, line, sent(payload) if payload else ""))
        if line.startswith(PROGRAM) and "keep" not in line.split()[1]:
            code, output = self.says.get(line.split()[1], (0, ""))
            return code == 0, _output(output + ENDED.replace("0", str(code)))
        if phase in phases:
            self.host.has[phases[phase]] = self.host.wanted
        # What undoes a step fails by its last word, so that the phase fails, too.
        return not line.endswith("; exit 1"), _output("")

    def planned(self) -> str:
        """Return the plan as it is printed, and as JSON, in the order of the phases."""
        known = "".join(
            f"{kind}: {json.dumps(change, ensure_ascii=False)}\n"
            for kind, changes in self.changes.items()
            for change in changes
        )
        text = "\n".join(self.plan) or "(nothing is said)"
        return f"as printed:\n{indented(text)}as JSON:\n{indented(known or '(nothing)')}"

    def phases(self) -> str:
        """Return each phase's commands and round trips, and what was said while it ran."""
        parts: dict[str, list[str]] = {}
        trips: dict[str, int] = {}
        for name, line, stdin in self.commands:
            trips[name] = trips.get(name, 0) + 1
            text = indented(line)
            if stdin:
                text += f"    <<< on standard input\n{indented(stdin, 8)}"
            parts.setdefault(name, []).append(text)
        whole = f"{sum(trips.values())} round trips in all{', failed' if self.failed else ''}\n"
        whole += "".join(
            f"\n{name}: {trips[name]}\n" + "    --\n".join(texts) for name, texts in parts.items()
        )
        return whole + "\nsaid:\n" + indented("\n".join(self.messages))


def _phase(host: Host) -> str:
    if not host.state.is_executing:
        return "planning"
    made = host.current_op_hash
    return min(host.state.op_meta[made].names) if made in host.state.op_meta else "-"


def _as_dict(change: Change) -> dict[str, object]:
    known = change.as_json()
    # A long diff is told once: with the plan, as it is printed.
    return known if len(change.diff) < 20 else {**known, "diff": f"{len(change.diff)} lines"}


def _output(text: str) -> CommandOutput:
    return CommandOutput([OutputLine("stdout", line) for line in text.splitlines()])
