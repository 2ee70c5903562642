"""The switch to what is described: on a server the host's own program does it, on a laptop links.

What runs in slots starts anew in the idle one, and takes over when it is ready; all else is stopped
and started. If any of it fails, the host goes back to what ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from pyinfra import logger
from pyinfra.api.command import FunctionCommand, StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine import host_hints
from homeport.engine.host_failure import failing_alone
from homeport.engine.kind import Change, Commands, DesiredState, payloads
from homeport.engine.run import host_run
from homeport.engine.transaction import DONE
from homeport.errors import UserError
from homeport.hostctl.plain_text import one_line
from homeport.hostctl.protocol import BESIDE
from homeport.operations.services.probe import ServicesState
from homeport.operations.services.resources import (
    CurrentLink,
    RunOnce,
    ServiceChange,
    ServicesPayload,
    StaleUnit,
)

if TYPE_CHECKING:
    from homeport.hostctl.shapes import ActivateRequest


def apply(
    description: DesiredState, actual: ServicesState, changes: Sequence[Change[ServicesPayload]]
) -> Commands:
    """Yield the one command that switches: on a server, the host's own program does it."""
    if description.snapshot_context.ledgers is not None:
        lines = [
            line
            for link in payloads(changes, CurrentLink)
            for line in _follow(link.path, link.release)
        ]
        yield StringCommand("\n".join(["set -u", *lines]))
        return
    works = payloads(changes, ServiceChange)
    work: ActivateRequest = {
        "slots": any(each.start and each.service.slotted for each in works),
        "restart": [each.service.unit for each in works if each.start and not each.service.slotted],
        "enable": [each.service.unit for each in works if each.enable],
        "stop": [stale.unit for stale in payloads(changes, StaleUnit)],
        "once": [{"unit": once.unit, "record": once.record} for once in payloads(changes, RunOnce)],
    }
    yield FunctionCommand(_activate, (work,), {})


@failing_alone
def _activate(state: State, host: Host, work: ActivateRequest) -> bool:
    transaction = host_run().transaction
    if transaction is None:
        fix = "call lifecycle.begin() before files.converge(), as deploy.py does"
        error = UserError("nothing can be switched before a deploy has begun", fix=fix)
        host.log_styled(str(error), fg="red", log_func=logger.error)
        return False
    result = transaction.activate(host, work)
    if result.code == DONE:
        return True
    host_run().note_failure(result.err)
    if known := host_hints.explain(result.err):
        host.log_styled(known, fg="red", log_func=logger.error)
    elif result.code is None:
        host.log_styled(one_line(result.reason), fg="red", log_func=logger.error)
    return False


def _follow(link: str, release: str) -> list[str]:
    path, beside = quote(link), quote(f"{link}{BESIDE}")
    return [
        f"ln -sfn {quote(release)} {beside} && mv -fT {beside} {path} || exit 1",
        f"sync {quote(link.rpartition('/')[0])}",
    ]
