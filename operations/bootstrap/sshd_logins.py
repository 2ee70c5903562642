"""Logins over SSH: by key alone, neither by password nor as root.

Nothing is closed before a second connection has shown that the new login works. Before it closes,
the host is told to open again by itself; only another new connection makes it forget that. Should
the host lose its power in between, systemd-tmpfiles opens it at boot, before sshd starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from pyinfra import logger
from pyinfra.api.command import FunctionCommand, StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeOutput,
    Reason,
    Target,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import File, PathEntry
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap import sshd_lockdown
from homeport.operations.bootstrap.sshd_lockdown import CLOSED, DROP_IN, UNCONFIRMED
from homeport.ssh import connection

NAME = "sshd-logins"
TEXT = b"""\
# Written by homeport; a change made here is put back by the next bootstrap.
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""
PATIENCE = 15
"""Seconds in which sshd must have read its new settings."""


@dataclass(frozen=True)
class SshdLockdown:
    """Logins by key alone; ``users`` are looked at one by one, for sshd can tell them apart."""

    users: tuple[str, ...]
    confirm_timeout: int

    @property
    def name(self) -> str:
        """The name in plans and reports."""
        return "sshd"


@dataclass(frozen=True)
class SshdLockdownState:
    """The file that closes, whether that was confirmed, and what sshd lets in, by user."""

    files: ManagedSetState
    confirmed: bool
    open: tuple[str, ...]


def _entries(description: DesiredState) -> list[File]:
    return [File(DROP_IN, TEXT) for _ in description.of(SshdLockdown)]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at the file, and has sshd tell what its settings come to."""
    script = managed_set.probe(description.app, NAME, _entries(description), key)
    if not (users := [user for logins in description.of(SshdLockdown) for user in logins.users]):
        return script
    return f"""\
{script}
set +f
if [ -e {UNCONFIRMED} ]; then printf 'unconfirmed\\t\\n'; fi
for user in {" ".join(map(quote, users))}; do
  told=$({sshd_lockdown.ask('"$user"')})
  while read -r name value; do
    case "$name" in
      {"|".join(CLOSED)}) printf 'sshd\\t%s\\t%s %s\\n' "$user" "$name" "$value" ;;
    esac
  done <<TOLD
$told
TOLD
done
"""


def parse(answer: ProbeOutput) -> SshdLockdownState:
    """Return what was found, or raise ``ProbeError``."""
    lines = [line.split("\t") for line in answer.text.splitlines()]
    rows = [line for line in lines if line[0] == "sshd"]
    rest = "\n".join("\t".join(line) for line in lines if line[0] not in ("sshd", "unconfirmed"))
    opened = (f"{what} for {user}" for _, user, what in rows if not _is_closed(what))
    return SshdLockdownState(
        managed_set.parse(ProbeOutput(rest, answer.key)),
        ["unconfirmed", ""] not in lines,
        tuple(opened),
    )


def _is_closed(setting: str) -> bool:
    name, _, value = setting.partition(" ")
    return CLOSED[name] == value


class Why(Reason):
    """The reasons why a host that is closed is closed once more."""

    UNCONFIRMED = "it is closed, but no new login has confirmed that"


def diff(
    description: DesiredState, actual: SshdLockdownState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry]]:
    """Return what closes the host.

    Raises ``PreconditionError`` if it is as described and open all the same: another setting wins.
    """
    changes = managed_set.diff(description.app, NAME, _entries(description), actual.files)
    if not changes and not actual.confirmed:
        changes = [
            Change("change", Target(NAME, DROP_IN), (Why.UNCONFIRMED(),), File(DROP_IN, TEXT))
        ]
    if not changes and actual.open:
        raise PreconditionError(
            f"sshd has {', '.join(actual.open)}, in spite of {DROP_IN}; "
            "search for a Match or an earlier value in /etc/ssh/sshd_config and below"
        )
    return changes


def apply(
    description: DesiredState, actual: SshdLockdownState, changes: Sequence[Change[PathEntry]]
) -> Commands:
    """Yield the steps: prove the new login, arm, close, prove it again, and only then disarm."""
    (logins,) = description.of(SshdLockdown)
    yield FunctionCommand(_prove, (), {})
    yield from managed_set.apply(
        description.app,
        NAME,
        changes,
        before=sshd_lockdown.arm(logins.confirm_timeout, first=actual.confirmed),
        after=sshd_lockdown.close(logins.users),
    )
    against: list[str] = []
    yield FunctionCommand(_confirm, (against, min(PATIENCE, logins.confirm_timeout)), {})
    yield StringCommand(sshd_lockdown.OPEN if against else sshd_lockdown.CONFIRM)


def _prove(state: State, host: Host) -> bool:
    if reason := connection.reason_against(host):
        message = f"the new login fails: {reason}. Nothing was closed."
        host.log_styled(message, fg="red", log_func=logger.error)
        return False
    return True


def _confirm(state: State, host: Host, against: list[str], patience: float) -> bool:
    if reason := connection.reason_against_closed(host, patience):
        against.append(reason)
        message = f"logins are closed, and the new login fails: {reason}. Logins are open again."
        host.log_styled(message, fg="red", log_func=logger.error)
    return True


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Let in by key alone."""
