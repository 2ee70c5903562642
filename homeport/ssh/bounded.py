"""Limits for the commands of pyinfra's own SSH connector, which has none.

A host may print without end, never end a line, or never answer. What it prints is read here by the
byte, for as long as host data allow: as over ``@openssh``, the last line says which limit it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gevent
from gevent.local import local
from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.host_lines import Advice
from homeport.openssh import outcome
from homeport.openssh.data import META
from homeport.openssh.limits import Limits
from homeport.openssh.printing import Printing
from homeport.openssh.process import CHUNK, ERR, LINE, OUT

Execute = Callable[..., tuple[Any, Any, Any]]
"""Begins a command; returns what it reads, its output and its errors, as paramiko does."""


class _Command:
    """The part of one command that is counted, and the limit that it reached.

    + printing: prints each line that comes, None if it is not to be shown
    """

    def __init__(self, limits: Limits, printing: Printing | None) -> None:
        self._limits, self._bytes, self.printing = limits, 0, printing
        self._channel: Any = None
        self.reached = ""

    def begin(self, execute: Execute, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        """Begin it; return as ``Execute``. Raises ``TimeoutError``."""
        seconds = self._limits.first_byte
        with gevent.Timeout(seconds, TimeoutError(f"it had not begun after {seconds:g} s")):
            stdin, out, err = execute(*args, **kwargs)
        self._channel, self._bytes = out.channel, 0
        return stdin, _Lines(self, OUT, out), _Lines(self, ERR, err)

    def take(self, chunk: bytes) -> bool:
        """Count what has come; return whether that is allowed."""
        self._bytes += len(chunk) + LINE * chunk.count(b"\n")
        if self._bytes > self._limits.output:
            self.end(f"it printed more than {self._limits.output} bytes")
        return not self.reached

    def end(self, reached: str) -> None:
        """End it at a limit."""
        self.reached = self.reached or reached
        if self._channel is not None:
            self._channel.close()


class _Lines:
    """The lines of a stream, in the place of paramiko's file.

    + channel: what pyinfra asks for the exit code
    """

    def __init__(self, command: _Command, name: str, file: Any) -> None:
        self._command, self._name, self.channel = command, name, file.channel
        self._receive = self.channel.recv if name == OUT else self.channel.recv_stderr
        # Paramiko closes a file that is dropped.
        self._file = file

    def __iter__(self) -> Iterator[str]:
        rest = bytearray()
        while (chunk := self._receive(CHUNK)) and self._command.take(chunk):
            first, end, more = chunk.partition(b"\n")
            rest += first
            if end:
                lines = [rest, *more.split(b"\n")]
                rest = bytearray(lines.pop())
                yield from map(self._line, lines)
        if rest:
            yield self._line(rest)

    def _line(self, raw: bytes | bytearray) -> str:
        text = raw.decode(errors="replace")
        if self._command.printing is not None:
            self._command.printing.line(self._name, text)
        return text


def bound(host: Host) -> None:
    """Make each command on a host end at the limits of its data."""
    connector: Any = host.connector
    run, printing, at_work = connector.run_shell_command, Printing(host), local()

    def run_bounded(
        command: StringCommand,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> tuple[bool, CommandOutput]:
        _count(connector.client, at_work)
        limits = _limits(host, arguments.get("_timeout"))
        counted = _Command(limits, printing if print_output else None)
        # A command may run another one before it begins, such as for sudo's password.
        outer, at_work.command = getattr(at_work, "command", None), counted
        too_late = f"it took longer than {limits.whole:g} s"
        done, output = False, CommandOutput([])
        try:
            with gevent.Timeout(limits.whole, TimeoutError(too_late)):
                done, output = run(command, False, print_input, **arguments)
        except TimeoutError as error:
            counted.end(str(error) or too_late)
        finally:
            at_work.command = outer
        if not counted.reached:
            return done, output
        line = Advice(outcome.at_limit(counted.reached))
        if print_output:
            printing.line(ERR, line)
        return False, CommandOutput([*output.combined_lines, OutputLine(ERR, line)])

    connector.run_shell_command = run_bounded


def _count(client: Any, at_work: local) -> None:
    # Once for each login.
    if client is None or "exec_command" in vars(client):
        return
    execute: Execute = client.exec_command

    def counted(*args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        command: _Command | None = getattr(at_work, "command", None)
        return (
            execute(*args, **kwargs) if command is None else command.begin(execute, *args, **kwargs)
        )

    client.exec_command = counted


def _limits(host: Host, timeout: float | None) -> Limits:
    def of(key: str) -> float:
        return float(host.data.get(key) or META[key].default)

    whole = float(timeout or of("ssh_command_timeout"))
    return Limits(min(of("ssh_first_byte_timeout"), whole), whole, int(of("ssh_output_limit")))
