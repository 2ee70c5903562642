"""How Testinfra reaches a host: over the connection of a deploy, by the same host data."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import testinfra
from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.host import Host

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory import InventoryHost
from homeport.ssh.address import CONNECTORS
from homeport.ssh.remote import Remote
from homeport.ssh.same_machine import address_of

LOCAL = "@local"


def reached(row: InventoryHost, stack: ExitStack) -> Host:
    """Return a host as Testinfra has it; its connection ends with the stack.

    Raises ``UserError`` for a connector that isn't SSH.
    """
    if row.name == LOCAL:
        sudo = {"sudo": True} if row.data.get("_sudo") else {}
        user = row.data.get("_sudo_user")
        return testinfra.get_host("local://", **sudo, **({"sudo_user": user} if user else {}))
    if row.name.startswith("@") and not row.name.startswith(CONNECTORS):
        fix = "prove hosts that are reached by SSH, or @local"
        raise UserError(f"{row.name} is reached by a connector of its own", fix=fix)
    remote = Remote(row.name, row.data)
    stack.callback(remote.end)
    return Host(OpenSSHBackend(row.name, remote))


def outside(row: InventoryHost) -> str | None:
    """Return the address at which others see a host, None if there is a jump on the way."""
    if row.name == LOCAL:
        return "127.0.0.1"
    machine, _, way = address_of(row.name, row.data)
    return None if way else machine


class OpenSSHBackend(BaseBackend):
    """The way in which Testinfra runs commands on a host."""

    NAME = "openssh"

    def __init__(self, name: str, remote: Remote) -> None:
        super().__init__(name)
        self.remote = remote

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """Run a command; return how it ended. Raises ``UnreachableError``."""
        script = self.get_command(command, *args)
        ended = self.remote.run(script)
        return self.result(ended.code, script.encode(), ended.output, ended.errors.encode())
