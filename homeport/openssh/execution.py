"""Commands of pyinfra on one host: as their arguments say, within the limits of host data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyinfra import logger
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.connectors.base import BaseConnector
from pyinfra.connectors.util import CommandOutput, OutputLine, extract_control_arguments

from homeport.host_lines import Advice
from homeport.openssh import options, running, secret, stdin
from homeport.openssh.errors import HostError
from homeport.openssh.limits import Limits
from homeport.openssh.marks import Marks
from homeport.openssh.outcome import Outcome
from homeport.openssh.printing import Printing
from homeport.openssh.process import ERR
from homeport.openssh.question import Asks
from homeport.openssh.root import Root
from homeport.openssh.session import Session

UNLIMITED = 2**63


class ExecutingConnector(BaseConnector):
    """The part of the connector that runs commands.

    + asks: what a login may ask the user for
    """

    handles_execution = True
    data: Mapping[str, Any]

    def __init__(self, state: State, host: Host, asks: Asks = Asks.ALL) -> None:
        super().__init__(state, host)
        self._asks = asks
        self._session: Session | None = None
        self._root: Root | None = None
        self._printing = Printing(host)

    @property
    def session(self) -> Session:
        """The way to this host; raises ``HostError`` if a password of host data can't be read."""
        if self._session is None:
            seconds = self.data["ssh_connect_timeout"] or self.state.config.CONNECT_TIMEOUT or 10
            target = options.where(self.host.name, self.data)
            try:
                password = secret.read(self.data["ssh_password"], "ssh_password")
            except secret.SecretError as error:
                raise HostError(str(error)) from None
            prefix = self.host.print_prefix
            self._session = Session(target, self.data, float(seconds), password, self._asks, prefix)
        return self._session

    def run_shell_command(
        self,
        command: StringCommand,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> tuple[bool, CommandOutput]:
        """Run a command; return whether it exits well, and its output.

        A connection that breaks, a limit that is reached and a sudo that refuses are a failure, and
        the last line of the output says which.
        """
        output: list[OutputLine] = []
        line = self._printing.lines(output, shown=print_output)
        try:
            outcome = self.run(command, line, print_input=print_input, **arguments)
        except Exception as error:
            outcome = Outcome(None, str(HostError.of(error)))
        if outcome.error:
            line(ERR, Advice(outcome.error))
        well = arguments.get("_success_exit_codes") or [0]
        return outcome.code in well, CommandOutput(output)

    def run_anew(self, command: StringCommand, **arguments: Any) -> tuple[bool, CommandOutput]:
        """Run a command over a login of its own; return as ``run_shell_command`` does.

        Raises ``ConnectError`` if there is no login, or it breaks.
        """
        output: list[OutputLine] = []
        try:
            self.session.resolve()
            logger.debug("Connecting to: %s (%s)", self.host.name, self.session.way.machine)
            outcome = self.run(command, self._printing.lines(output), anew=True, **arguments)
        except Exception as error:
            raise ConnectError(str(HostError.of(error))) from None
        if outcome.code is None:
            raise ConnectError(outcome.error)
        return outcome.code == 0, CommandOutput(output)

    def run(
        self,
        command: StringCommand,
        line: Callable[[str, str], None],
        *,
        print_input: bool = False,
        anew: bool = False,
        raw: Callable[[bytes], object] | None = None,
        unlimited: bool = False,
        **arguments: Any,
    ) -> Outcome:
        """Run a command, and hand on its lines; return what came of it.

        + line: takes each line, by the name of its stream
        + anew: over a login of its own
        + raw: takes the bytes of its standard output instead of lines
        + unlimited: it may print any number of bytes
        """
        control: Mapping[str, Any] = dict(extract_control_arguments(arguments))  # type: ignore[arg-type] # a dict of those keys
        if self._root is None:
            self._root = Root(self.session, self.data["sudo_password"], self.host.print_prefix)
        data = stdin.again(control.get("_stdin"))
        limits = self._limits(control.get("_timeout"), unlimited)
        terminal = bool(control.get("_get_pty"))

        def execute(words: str, first: bytes, marks: Marks) -> Outcome:
            marks.line, marks.raw = line, raw
            marks.merged = terminal
            if print_input:
                self._printing.command(str(command))
            logger.debug("Running command on %s: (pty=%s) %s", self.host.name, terminal, command)
            running.remember(marks, lambda script: self._run_apart(script, arguments))
            try:
                outcome = self.session.execute(
                    words,
                    stdin.after(first, data),
                    marks,
                    limits,
                    terminal=terminal,
                    anew=anew,
                )
                if outcome.code is None:
                    running.end(marks)
                return outcome
            except BaseException:
                running.end(marks)
                raise
            finally:
                running.forget(marks)

        return self._root.run(self.state, self.host, command, arguments, execute)

    def _run_apart(self, script: str, arguments: Mapping[str, Any]) -> None:
        # As the command at work was: what root runs only root can end.
        limits = Limits(5.0, 10.0, 2**16)

        def execute(words: str, first: bytes, marks: Marks) -> Outcome:
            own = [first] if first else []
            return self.session.execute(words, own, marks, limits, asks=False)

        if self._root is not None:
            self._root.run(self.state, self.host, StringCommand(script), arguments, execute)

    def _limits(self, timeout: float | None, unlimited: bool) -> Limits:
        whole = float(timeout or self.data["ssh_command_timeout"])
        first = min(float(self.data["ssh_first_byte_timeout"]), whole)
        return Limits(first, whole, UNLIMITED if unlimited else int(self.data["ssh_output_limit"]))
