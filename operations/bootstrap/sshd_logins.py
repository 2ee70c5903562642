"""Logins over SSH: of the accounts that may, by key alone, neither by password nor as root.

Nothing is closed before a second connection has shown that the new login works. Before it closes,
the host is told to open again by itself; only another new connection makes it forget that. Should
the host lose its power in between, systemd-tmpfiles opens it at boot, before sshd starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from pyinfra import logger
from pyinfra.api.command import FunctionCommand, StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.host_failure import failing_alone
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
from homeport.operations.bootstrap import readers, ssh_accounts, sshd_lockdown
from homeport.operations.bootstrap.sshd_lockdown import DROP_IN, UNCONFIRMED
from homeport.operations.bootstrap.sshd_settings import WEAK, SshdLockdown
from homeport.ssh import connection

NAME = "sshd-logins"
PATIENCE = 15
"""Seconds in which sshd must have read its new settings."""


@dataclass(frozen=True)
class SshdLockdownState:
    """The file that closes, whether that was confirmed, and what a host lets in.

    + settings: the settings of sshd, by user
    + with_keys: the accounts that have keys
    + owns: names of ``WEAK`` that another file than ours sets
    """

    files: ManagedSetState
    confirmed: bool
    settings: Mapping[str, tuple[str, ...]]
    with_keys: tuple[str, ...]
    owns: tuple[str, ...] = ()


OWN = ("sshd", "keys", "unconfirmed", "owns")
"""What lines of the answer begin with that aren't about files."""


def _entries(description: DesiredState, owns: tuple[str, ...] = ()) -> list[File]:
    lockdowns = (replace(each, host_owns=owns) for each in description.of(SshdLockdown))
    return [File(DROP_IN, lockdown.text.encode()) for lockdown in lockdowns]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at the file, at keys, and at what sshd's settings come to."""
    script = managed_set.probe(description.app, NAME, _entries(description), key)
    for lockdown in description.of(SshdLockdown):
        script += f"""
set +f
if [ -e {UNCONFIRMED} ]; then printf 'unconfirmed\\t\\n'; fi
for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
  if [ "$file" != {DROP_IN} ] && [ -f "$file" ]; then
    sed -nE 's/^[[:space:]]*({"|".join(WEAK)})[[:space:]=].*/owns\\t\\L\\1/Ip' "$file"
  fi
done
for user in {" ".join(map(quote, lockdown.users))}; do
  told=$({ssh_accounts.ask('"$user"')})
  while read -r name value; do
    case "$name" in
      {"|".join(lockdown.names)}) printf 'sshd\\t%s\\t%s %s\\n' "$user" "$name" "$value" ;;
    esac
  done <<TOLD
$told
TOLD
done
{ssh_accounts.with_keys()}"""
    return script


def parse(answer: ProbeOutput) -> SshdLockdownState:
    """Return what was found, or raise ``ProbeError``."""
    lines = [line.split("\t") for line in answer.lines]
    rest = "\n".join("\t".join(line) for line in lines if line[0] not in OWN)
    settings: dict[str, tuple[str, ...]] = {}
    for _, user, setting in (line for line in lines if line[0] == "sshd"):
        settings[user] = (*settings.get(user, ()), setting)
    return SshdLockdownState(
        managed_set.parse(ProbeOutput(rest, answer.key)),
        ["unconfirmed", ""] not in lines,
        settings,
        tuple(line[1] for line in lines if line[0] == "keys"),
        tuple(sorted({line[1] for line in lines if line[0] == "owns"})),
    )


class Why(Reason):
    """The reasons why a host that is closed is closed once more."""

    UNCONFIRMED = "it is closed, but no new login has confirmed that"


def diff(
    description: DesiredState, actual: SshdLockdownState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry]]:
    """Return what closes the host.

    Raises ``PreconditionError`` if an account would be shut out that nothing says so of, or if the
    file is as described and sshd goes by other settings all the same.
    """
    for lockdown in description.of(SshdLockdown):
        _refuse_unnamed(lockdown, actual, {name for kind, name in pending if kind == readers.NAME})
    entries = _entries(description, actual.owns)
    changes = managed_set.diff(description.app, NAME, entries, actual.files)
    if not changes and not actual.confirmed:
        changes = [
            Change("change", Target(NAME, file.path), (Why.UNCONFIRMED(),), file)
            for file in entries
        ]
    if not changes and (other := list(_other_settings(description, actual))):
        raise PreconditionError(
            f"sshd has {', '.join(other)}, in spite of {DROP_IN}; "
            "search for a Match or another value in /etc/ssh/sshd_config and below"
        )
    return changes


def _refuse_unnamed(
    lockdown: SshdLockdown, actual: SshdLockdownState, leaving: Collection[str]
) -> None:
    # A reader that leaves the description still has its keys.
    named = {"root", *lockdown.allowed, *lockdown.denied, *leaving}
    if unnamed := [account for account in actual.with_keys if account not in named]:
        have = "has keys" if len(unnamed) == 1 else "have keys"
        raise PreconditionError(
            f"{', '.join(unnamed)} {have} and would be shut out; "
            "name each in allow_users, to let it in, or in deny_users"
        )


def _other_settings(description: DesiredState, actual: SshdLockdownState) -> Iterator[str]:
    for lockdown in description.of(SshdLockdown):
        wanted = set(lockdown.effective)
        for user in lockdown.users:
            found = set(actual.settings.get(user, ()))
            yield from (f"{line} for {user}" for line in sorted(found - wanted))
            # A value that is there several times, and of which one is missing.
            names = {line.partition(" ")[0] for line in found - wanted}
            lacking = (x for x in sorted(wanted - found) if x.partition(" ")[0] not in names)
            yield from (f"no {line} for {user}" for line in lacking)


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
        after=sshd_lockdown.close(logins),
    )
    against: list[str] = []
    yield FunctionCommand(_confirm, (against, min(PATIENCE, logins.confirm_timeout)), {})
    yield StringCommand(sshd_lockdown.OPEN if against else sshd_lockdown.CONFIRM)


@failing_alone
def _prove(state: State, host: Host) -> bool:
    if reason := connection.reason_against(host):
        message = f"the new login fails: {reason}. Nothing was closed."
        host.log_styled(message, fg="red", log_func=logger.error)
        return False
    return True


@failing_alone
def _confirm(state: State, host: Host, against: list[str], patience: float) -> bool:
    if reason := connection.reason_against_closed(host, patience):
        against.append(reason)
        message = f"logins are closed, and the new login fails: {reason}. Logins are open again."
        host.log_styled(message, fg="red", log_func=logger.error)
    return True


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Let in by key alone."""
