"""An attempt: one deploy of one host, from its beginning until it is confirmed or reverted.

The host guards it by itself. What is said to it here only spares it the wait.
"""

from __future__ import annotations

import getpass
import json
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pyinfra.api.host import Host

from homeport import verbs
from homeport.verbs import Said

TTL = 900
"""Seconds after which a host reverts a deploy that isn't confirmed, whoever holds it."""

DONE, FAILED, REFUSED, REVERTED = 0, 1, 3, 4
"""How the host's program ends."""


def new_id(now: datetime | None = None) -> str:
    """Return a name for an attempt: those of later ones sort after it."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def who() -> str:
    """Return who deploys, and from where."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


@dataclass
class Attempt:
    """A deploy that a host has begun; ``arguments`` are how commands are run there."""

    app: str
    id: str
    arguments: Mapping[str, Any]
    outcome: Literal["open", "confirmed", "reverted"] = "open"

    def begin(self, host: Host, facts: Mapping[str, object]) -> Said:
        """Have the host take the lease and arm; ``facts`` are for its history."""
        told = json.dumps({"id": self.id, "who": who(), "what": "deploy", "ttl": TTL, **facts})
        return verbs.ask(host, ("begin", self.app), self.arguments, told)

    def activate(self, host: Host, work: Mapping[str, object]) -> Said:
        """Have the host switch; what it says is shown as it says it."""
        words = ("activate", self.app, self.id)
        said = verbs.ask(host, words, self.arguments, json.dumps(work), shown=True)
        if said.code == FAILED:
            self.outcome = "reverted"
        return said

    def confirm(self, host: Host) -> Said:
        """Say, over a new connection, that the host can be reached and is as it should be."""
        said = verbs.ask(host, ("confirm", self.app, self.id), self.arguments, anew=True)
        if said.code == DONE:
            self.outcome = "confirmed"
        return said

    def revert(self, host: Host, reason: str) -> str:
        """Have the host put back all of it, unless it did; return what a person reads of that."""
        if self.outcome == "open":
            words = ("revert", self.app, self.id, reason)
            said = verbs.ask(host, words, self.arguments)
            if said.code is None:
                self.outcome = "reverted"
                return f"{host.name} can't be told to revert ({said.reason}); it does so by itself"
            if said.code not in (DONE, REFUSED, REVERTED):
                look = f"`homeport status {self.app}` there tells more"
                return f"not reverted: {host.name} says: {said.reason}; {look}"
            self.outcome = "reverted"
        return f"reverted: {host.name} runs what it ran before"
