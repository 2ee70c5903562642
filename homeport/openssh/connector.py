"""The connector: what pyinfra calls, from the first login to the last byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import IOBase
from shlex import quote
from typing import Any

from pyinfra import logger
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.openssh import files, rsync, running
from homeport.openssh.data import META, ConnectorData
from homeport.openssh.errors import HostError
from homeport.openssh.execution import ExecutingConnector
from homeport.openssh.process import ERR


class OpenSSHConnector(ExecutingConnector):
    """Hosts over the system's OpenSSH: ``@openssh/HOST``, with whatever ``ssh HOST`` takes."""

    data_cls = ConnectorData
    data_meta = META

    @staticmethod
    def make_names_data(name: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Yield the host: its name is the same as without the connector's.

        Raises ``InventoryError`` if there is no name.
        """
        if not name:
            from pyinfra.api.exceptions import InventoryError

            raise InventoryError("@openssh needs the name of a host: @openssh/HOST")
        yield name, {"ssh_hostname": name}, []

    def connect(self) -> None:
        """Log in, unless a login is at hand; raises ``ConnectError`` with the cause and the fix."""
        try:
            if self.session.open():
                logger.debug("Connecting to: %s (%s)", self.host.name, self.session.way.machine)
        except Exception as error:
            # Whatever it is, it is this host's alone; pyinfra ends the run for any other.
            raise ConnectError(str(HostError.of(error))) from None

    def disconnect(self) -> None:
        """End what still runs there, and the login unless it is to be kept."""
        try:
            running.end_all()
            if self._session is not None:
                self._session.close()
        except Exception as error:
            logger.warning(f"{self.host.print_prefix}{HostError.of(error)}")

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
        logger.debug("Attempting upload of %s to %s", filename_or_io, remote_filename)
        source = files.Upload(filename_or_io)
        command = StringCommand(files.put(remote_filename, source.size))
        upload = {**arguments, "_stdin": source}
        done, output = self.run_shell_command(command, print_input=print_input, **upload)
        what = f"file uploaded: {remote_filename}"
        return self._printing.report(done, output, what, shown=print_output)

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
        output: list[OutputLine] = []
        with files.Download(filename_or_io) as download:
            outcome = self.run(
                StringCommand(files.get(remote_filename)),
                self._printing.lines(output),
                print_input=print_input,
                raw=download.write,
                unlimited=True,
                **arguments,
            )
            download.is_whole = outcome.code == 0
        if outcome.error:
            output.append(OutputLine(ERR, outcome.error))
        done, what = outcome.code == 0, f"file downloaded: {remote_filename}"
        return self._printing.report(done, CommandOutput(output), what, shown=print_output)

    def check_can_rsync(self) -> None:
        """Raise ``NotImplementedError`` if this machine has no rsync."""
        if not rsync.is_there():
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
        place = f"{self.session.destination.target}:{dest}"
        command = rsync.command(self.session.client(), src, place, flags, arguments)
        if print_input:
            self._printing.command(" ".join(map(quote, command)))
        done, output = rsync.run(command)
        return self._printing.report(done, output, f"rsync to {dest}", shown=print_output)
