"""The connector: what pyinfra calls, from the first login to the last byte."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import IOBase
from shlex import quote
from typing import TYPE_CHECKING, Any

from pyinfra import logger
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.output import echo, format_text
from pyinfra.api.state import State
from pyinfra.connectors.base import BaseConnector
from pyinfra.connectors.util import CommandOutput, OutputLine, extract_control_arguments

from homeport.openssh.data import META, ConnectorData

if TYPE_CHECKING:
    from homeport.openssh.limits import Limits
    from homeport.openssh.marks import Marks
    from homeport.openssh.root import Root
    from homeport.openssh.session import Outcome, Session

# pyinfra imports every connector that it knows of: what does the work is imported by a host that is
# reached by this one.

OUT, ERR = "stdout", "stderr"
UNLIMITED = 2**63


class OpenSSHConnector(BaseConnector):
    """Hosts over the system's OpenSSH: ``@openssh/HOST``, with whatever ``ssh HOST`` takes."""

    handles_execution = True
    data_cls = ConnectorData
    data_meta = META
    data: Mapping[str, Any]

    def __init__(self, state: State, host: Host) -> None:
        super().__init__(state, host)
        self._session: Session | None = None
        self._root: Root | None = None

    @staticmethod
    def make_names_data(name: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Yield the host: its name is the same as without the connector's.

        Raises ``InventoryError`` if there is no name.
        """
        if not name:
            from pyinfra.api.exceptions import InventoryError

            raise InventoryError("@openssh needs the name of a host: @openssh/HOST")
        yield name, {"ssh_hostname": name}, []

    @property
    def session(self) -> Session:
        """The way to this host; raises ``HostError`` if a password of host data can't be read."""
        from homeport.openssh import options, secret
        from homeport.openssh.session import HostError, Session

        if self._session is None:
            seconds = self.data["ssh_connect_timeout"] or self.state.config.CONNECT_TIMEOUT or 10
            target = options.where(self.host.name, self.data)
            try:
                password = secret.read(self.data["ssh_password"], "ssh_password")
            except secret.SecretError as error:
                raise HostError(str(error)) from None
            self._session = Session(target, self.data, float(seconds), password)
        return self._session

    def connect(self) -> None:
        """Log in, unless a login is at hand; raises ``ConnectError`` with the cause and the fix."""
        from homeport.openssh.session import HostError

        try:
            if self.session.open():
                logger.debug("Connecting to: %s (%s)", self.host.name, self.session.way.machine)
        except HostError as error:
            raise ConnectError(str(error)) from None

    def disconnect(self) -> None:
        """End what still runs there, and the login unless it is to be kept."""
        if self._session is not None:
            from homeport.openssh import running

            running.end_all()
            self._session.close()

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
        outcome = self.run(
            command, self._printer(output, print_output), print_input=print_input, **arguments
        )
        if outcome.error:
            output.append(OutputLine(ERR, outcome.error))
        well = arguments.get("_success_exit_codes") or [0]
        return outcome.code in well, CommandOutput(output)

    def run_anew(self, command: StringCommand, **arguments: Any) -> tuple[bool, CommandOutput]:
        """Run a command over a login of its own; return as ``run_shell_command`` does.

        Raises ``ConnectError`` if there is no login, or it breaks.
        """
        from homeport.openssh.session import HostError

        output: list[OutputLine] = []
        try:
            if not self.session.settings:
                self.session.resolve()
            logger.debug("Connecting to: %s (%s)", self.host.name, self.session.way.machine)
            outcome = self.run(command, self._printer(output, False), anew=True, **arguments)
        except HostError as error:
            raise ConnectError(str(error)) from None
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
        from homeport.openssh import running, stdin
        from homeport.openssh.root import Root

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
                echo(f"{self.host.print_prefix}>>> {command}", err=True)
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

    def put_file(
        self,
        filename_or_io: Any,
        remote_filename: str,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Write a file there, beside its place first; return whether that went well."""
        from homeport.openssh import files

        logger.debug("Attempting upload of %s to %s", filename_or_io, remote_filename)
        source = files.Upload(filename_or_io)
        command = StringCommand(files.put(remote_filename, source.size))
        upload = {**arguments, "_stdin": source}
        done, output = self.run_shell_command(command, print_input=print_input, **upload)
        return self._report(done, output, f"file uploaded: {remote_filename}", print_output)

    def get_file(
        self,
        remote_filename: str,
        filename_or_io: str | IOBase,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Read a file from there; return whether that went well."""
        from homeport.openssh import files

        output: list[OutputLine] = []
        with files.Download(filename_or_io) as download:
            outcome = self.run(
                StringCommand(files.get(remote_filename)),
                self._printer(output, False),
                print_input=print_input,
                raw=download.write,
                unlimited=True,
                **arguments,
            )
            download.is_whole = outcome.code == 0
        if outcome.error:
            output.append(OutputLine(ERR, outcome.error))
        shown = CommandOutput(output)
        return self._report(
            outcome.code == 0, shown, f"file downloaded: {remote_filename}", print_output
        )

    def check_can_rsync(self) -> None:
        """Raise ``NotImplementedError`` if this machine has no rsync."""
        if shutil.which("rsync") is None:
            raise NotImplementedError("The rsync binary is not available on this system.")

    def rsync(
        self,
        src: str,
        dest: str,
        flags: Iterable[str],
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Copy files there by rsync, over the same login; return whether that went well."""
        shell = " ".join(map(quote, self.session.client()))
        path = []
        if arguments.get("_sudo"):
            user = arguments.get("_sudo_user")
            path = [f"--rsync-path=sudo -n {f'-u {quote(user)} ' if user else ''}rsync"]
        command = ["rsync", *flags, f"--rsh={shell}", *path, src, f"{self.session.target}:{dest}"]
        if print_input:
            echo(f"{self.host.print_prefix}>>> {' '.join(map(quote, command))}", err=True)
        from gevent import subprocess

        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        output = CommandOutput(
            [OutputLine(OUT, text) for text in done.stdout.splitlines()]
            + [OutputLine(ERR, text) for text in done.stderr.splitlines()]
        )
        return self._report(done.returncode == 0, output, f"rsync to {dest}", print_output)

    def _run_apart(self, script: str, arguments: Mapping[str, Any]) -> None:
        from homeport.openssh.limits import Limits

        # As the command at work was: what root runs only root can end.
        limits = Limits(5.0, 10.0, 2**16)

        def execute(words: str, first: bytes, marks: Marks) -> Outcome:
            return self.session.execute(words, [first] if first else [], marks, limits)

        if self._root is not None:
            self._root.run(self.state, self.host, StringCommand(script), arguments, execute)

    def _printer(self, output: list[OutputLine], print_output: bool) -> Callable[[str, str], None]:
        def take(name: str, text: str) -> None:
            output.append(OutputLine(name, text))
            if print_output:
                shown = text if name == OUT else format_text(text, "red")
                echo(f"{self.host.print_prefix}{shown}", err=True)

        return take

    def _limits(self, timeout: float | None, unlimited: bool) -> Limits:
        from homeport.openssh.limits import Limits

        whole = float(timeout or self.data["ssh_command_timeout"])
        first = min(float(self.data["ssh_first_byte_timeout"]), whole)
        return Limits(first, whole, UNLIMITED if unlimited else int(self.data["ssh_output_limit"]))

    def _report(self, done: bool, output: CommandOutput, what: str, print_output: bool) -> bool:
        if not done:
            for text in output.stderr_lines or ["it gave no reason"]:
                logger.error(f"{self.host.print_prefix}{format_text(text, 'red')}")
        elif print_output:
            echo(f"{self.host.print_prefix}{what}", err=True)
        return done
