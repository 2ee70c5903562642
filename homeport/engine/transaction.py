"""The transaction of one deploy on one host, from its beginning until it is confirmed or reverted.

The host guards it by itself. A call from here only spares it the wait.
"""

from __future__ import annotations

import getpass
import json
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyinfra.api.host import Host

from homeport.engine import hostctl_client
from homeport.engine.begun import BEGUN
from homeport.engine.hostctl_client import HostctlResult
from homeport.hostctl import protocol
from homeport.hostctl.system import exit_codes
from homeport.ssh import connection

if TYPE_CHECKING:
    from homeport.hostctl.shapes import ActivateRequest, Basis, BeginRequest, Origin

TRIES, PAUSE = 2, 2.0
"""How often a new connection is tried, and the seconds in between."""

DONE, REFUSED, REVERTED = exit_codes.DONE, exit_codes.REFUSED, exit_codes.REVERTED
"""How the host's program ends, if it doesn't fail."""


def new_id(now: datetime | None = None) -> str:
    """Return the id of a new transaction: those of later ones sort after it."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def who() -> str:
    """Return who deploys, and from where."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


@dataclass
class DeployTransaction:
    """A deploy that a host has begun.

    + app: the application that is deployed
    + id: the deploy's id, by which the host program knows it
    + arguments: how commands are run there, as pyinfra's global arguments
    + outcome: what became of it, as far as the host has answered
    """

    app: str
    id: str
    arguments: Mapping[str, Any]
    outcome: protocol.Outcome = "open"

    def begin(self, host: Host, facts: Origin, basis: Basis | None = None) -> HostctlResult:
        """Begin on the host: take the lease, arm the deadman; return the result.

        + facts: for its history
        + basis: the state that the plan is based on: the host refuses if that has changed
        """
        request: BeginRequest = {
            "id": self.id,
            "who": who(),
            "what": protocol.DEPLOY,
            "ttl": protocol.TTL,
            "held": connection.hold(host),
            "basis": basis,
            **facts,
        }
        BEGUN.add(self.id)
        request_json = json.dumps(request)
        return hostctl_client.ask(host, ("begin", self.app), self.arguments, request_json)

    def renew(self, host: Host) -> HostctlResult:
        """Renew the deploy on the host: its time counts anew; return the result."""
        return hostctl_client.ask(host, ("renew", self.app, self.id), self.arguments)

    def activate(self, host: Host, work: ActivateRequest) -> HostctlResult:
        """Switch the host to the release, with its output shown line by line; return the result."""
        words = ("activate", self.app, self.id)
        return hostctl_client.ask(host, words, self.arguments, json.dumps(work), shown=True)

    def confirm(self, host: Host) -> HostctlResult:
        """Confirm the deploy over a new connection; return the result of the last try."""
        words = ("confirm", self.app, self.id)
        result = hostctl_client.ask(host, words, self.arguments, anew=True)
        for _ in range(TRIES - 1):
            # A host that answered has decided; one that didn't may have been cut off for a moment.
            if result.code is not None:
                break
            time.sleep(PAUSE)
            result = hostctl_client.ask(host, words, self.arguments, anew=True)
        if result.code == DONE:
            self.outcome = protocol.CONFIRMED
        return result

    def revert(self, host: Host, reason: str) -> str:
        """Revert the deploy on the host, unless it did so; return the line that tells the user."""
        # The reason may hold words of the application: they are shown in no list of processes.
        words = ("revert", self.app, self.id, protocol.FROM_INPUT)
        result = hostctl_client.ask(host, words, self.arguments, f"{reason}\n")
        self.outcome = protocol.REVERTED
        if result.code is None:
            return f"{host.name} can't be asked to revert ({result.reason}); it reverts by itself"
        if result.code == exit_codes.ALREADY_CONFIRMED:
            # It was, and only its answer was lost.
            self.outcome = protocol.CONFIRMED
            return f"not reverted: {host.name} has confirmed it, and runs what was deployed"
        if result.code == exit_codes.UNSERVED:
            return f"{host.name} is {result.reason.removeprefix('homeportctl: ')}"
        if result.code == exit_codes.INCOMPLETE:
            return f"not all is reverted on {host.name}: {result.reason}"
        if result.code not in (DONE, REFUSED, REVERTED):
            hint = f"`homeportctl status {self.app}` there tells more"
            return f"not reverted: {host.name} says: {result.reason}; {hint}"
        return f"reverted: {host.name} runs what it ran before"
