"""Simulated hosts behind pyinfra's own SSH connector: all of it runs, but for the network.

What a host would do costs the controller next to nothing here, so what is measured is what pyinfra
and homeport do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyinfra.connectors import ssh
from pyinfra.connectors.ssh import SSHConnector

from benchmarks.scale.recording import Player, Unheard, load


def simulate(recording: Path, delay: float) -> None:
    """Have every host that pyinfra connects to be a simulated one, from now on.

    + recording: the answers that each of them gives
    + delay: seconds that a connection takes, and a command
    """
    player = Player(load(recording.read_text()))

    class Simulated(SSHConnector):
        def _connect(self) -> None:
            time.sleep(delay)
            client: Any = Client(self.host.name, player, delay)
            self.client = client

    # By this name pyinfra finds the connector of hosts that name none.
    vars(ssh)["SSHConnector"] = Simulated


class Client:
    """As much of paramiko's client as pyinfra uses to run a command."""

    def __init__(self, host: str, player: Player, delay: float) -> None:
        self._host, self._player, self._delay = host, player, delay

    def exec_command(self, command: str, **options: object) -> tuple[Process, Process, list[str]]:
        """Return the command's standard input, its output, and its errors."""
        process = Process(command, self._host, self._player, self._delay)
        return process, process, process.errors


class Process:
    """A command that runs as soon as its standard input is closed: a look, or ``true``."""

    def __init__(self, command: str, host: str, player: Player, delay: float) -> None:
        self._command, self._host, self._player, self._delay = command, host, player, delay
        self._sent: list[bytes] = []
        self._output: list[str] = []
        self.errors: list[str] = []
        self.channel, self._status = self, -1

    def write(self, sent: bytes) -> None:
        """Take what is sent on standard input."""
        self._sent.append(sent)

    def close(self) -> None:
        """End standard input, and run; pyinfra says so twice."""
        if self._status == -1:
            self._status = self._run()

    def _run(self) -> int:
        if not self._sent and self._command.endswith("sh -c true"):
            return 0
        try:
            script = b"".join(self._sent).decode()
            self._output += self._player.lines(script, self._host)
        except Unheard as reason:
            self.errors.append(f"simulated hosts don't know {self._command}: {reason}\n")
            return 127
        return 0

    def __iter__(self) -> Iterator[str]:
        time.sleep(self._delay)
        yield from self._output

    def recv_exit_status(self) -> int:
        """Return the exit code."""
        return self._status
