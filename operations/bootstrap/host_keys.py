"""The host's own keys, pinned on the machine that deploys: the only phase that writes there.

They are read over a connection whose key was pinned, expected, or taken on trust at first contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.host_failure import failing_alone
from homeport.engine.kind import (
    NOTHING,
    Action,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeError,
    ProbeOutput,
    Reason,
    Target,
)
from homeport.engine.phase import operation_for
from homeport.ssh import known_hosts
from homeport.ssh.known_hosts import fingerprint

NAME = "host-keys"


@dataclass(frozen=True)
class HostKeys:
    """All public keys of a host, pinned under a name; ``pinned`` is what the file has so far."""

    name: str
    file: Path
    pinned: tuple[str, ...] = field(default=(), repr=False)


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the public half of every key by which sshd proves itself."""
    if not description.of(HostKeys):
        return ":\n"
    return """\
sshd -T | while read -r name value; do
  if [ "$name" = hostkey ] && [ -f "$value.pub" ]; then cat "$value.pub"; fi
done
"""


def parse(answer: ProbeOutput) -> list[str]:
    """Return the keys as ``type base64``, those first that are asked for first."""
    keys = [" ".join(line.split()[:2]) for line in answer.lines if line.strip()]
    return sorted(keys, key=lambda key: (not key.startswith("ssh-ed25519"), key))


class Why(Reason):
    """The reasons why keys are to be pinned."""

    NOT_PINNED = "pins {} keys of {}, here"


def diff(
    description: DesiredState, actual: list[str], pending: PendingTargets = NOTHING
) -> list[Change[HostKeys]]:
    """Return one change if what is pinned isn't what the host has; raises ``ProbeError``."""
    changes: list[Change[HostKeys]] = []
    for host in description.of(HostKeys):
        if not actual:
            raise ProbeError("the host does not say its keys")
        if set(actual) == set(host.pinned):
            continue
        lines = [f"-{_shown(key)}" for key in host.pinned if key not in actual]
        lines += [f"+{_shown(key)}" for key in actual if key not in host.pinned]
        action: Action = "change" if host.pinned else "add"
        because = Why.NOT_PINNED(len(actual), host.name)
        changes.append(Change(action, Target(NAME, str(host.file)), (because,), host, tuple(lines)))
    return changes


def apply(
    description: DesiredState, actual: list[str], changes: Sequence[Change[HostKeys]]
) -> Commands:
    """Yield the work, done here, that writes the pins."""
    for change in changes:
        yield FunctionCommand(_pin, (change.payload, tuple(actual)), {})


@failing_alone
def _pin(state: State, host: Host, desired: HostKeys, keys: Sequence[str]) -> bool:
    try:
        known_hosts.pin(desired.file, desired.name, keys)
    except OSError as error:
        host.log_styled(f"{desired.file} can't be written: {error.strerror}", fg="red")
        return False
    return True


def _shown(key: str) -> str:
    return f"{key.split(' ')[0]} {fingerprint(key)}"


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Pin the host's keys on this machine."""
