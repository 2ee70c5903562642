"""Daemons of the system itself: that they run, at boot too, with settings of ours.

A setting is a drop-in of ours, and a daemon reads it when it starts. That a restart is due is
marked in /run before the setting is in place, and the mark goes after the restart: a deploy that
dies in between leaves the mark, and a reboot, which is a restart, takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeError,
    ProbeOutput,
    Reason,
    Target,
    of_payload,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import Entry, PathEntry
from homeport.files.managed_set import ManagedSetState
from homeport.hostctl.protocol import RECORDS

NAME = "system-services"
DUE = f"{RECORDS}/due"
PROPERTIES = "Id,ActiveState,UnitFileState"
UP = ("active", "activating", "reloading")
OFF = ("", "disabled")
"""What is not to start at boot; nothing is said of a unit whose package is yet to be installed."""


@dataclass(frozen=True)
class SystemService:
    """A unit that the system brings along, and the files of ours that it reads when it starts."""

    unit: str
    settings: tuple[Entry, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class SystemServicesState:
    """The settings that the host has, what systemd says of each unit, which restarts are due."""

    files: ManagedSetState
    states: Mapping[str, tuple[str, str]]
    due: frozenset[str]


def _entries(description: DesiredState) -> list[Entry]:
    return [entry for daemon in description.of(SystemService) for entry in daemon.settings]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at settings, units and marks."""
    script = managed_set.probe(description.app, NAME, _entries(description), key)
    units = " ".join(quote(daemon.unit) for daemon in description.of(SystemService))
    if not units:
        return script
    return f"""\
{script}
for unit in {units}; do
  if [ -e {DUE}/"$unit" ]; then printf 'due\\t%s\\n' "$unit"; fi
done
told=$(systemctl show -p {PROPERTIES} -- {units})
while IFS= read -r line; do printf 'told\\t%s\\n' "$line"; done <<TOLD
$told
TOLD
"""


def parse(answer: ProbeOutput) -> SystemServicesState:
    """Return what was found; raises ``ProbeError`` when it is not understood."""
    due: set[str] = set()
    rest: list[str] = []
    units: list[dict[str, str]] = [{}]
    for line in answer.lines:
        match line.split("\t"):
            case ["due", unit]:
                due.add(unit)
            case ["told", ""]:
                units.append({})
            case ["told", setting]:
                name, _, value = setting.partition("=")
                units[-1][name] = value
            case _:
                rest.append(line)
    units = [unit for unit in units if unit]
    if any(unit.keys() != set(PROPERTIES.split(",")) for unit in units):
        raise ProbeError("systemd's answer is incomplete")
    states = {unit["Id"]: (unit["ActiveState"], unit["UnitFileState"]) for unit in units}
    return SystemServicesState(
        managed_set.parse(ProbeOutput("\n".join(rest), answer.key)), states, frozenset(due)
    )


class Why(Reason):
    """The reasons why a daemon is to be enabled, restarted or started."""

    ENABLE = "enabled"
    SETTINGS = "restarted: its settings change"
    DUE = "restarted: it has yet to read its settings"
    START = "started: it is {}"


def diff(
    description: DesiredState, actual: SystemServicesState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry | SystemService]]:
    """Return what differs of the settings, and what each daemon must do for that."""
    changes: list[Change[PathEntry | SystemService]] = [
        *managed_set.diff(description.app, NAME, _entries(description), actual.files)
    ]
    changed = {change.target.name for change in changes}
    for daemon in description.of(SystemService):
        active, enabled = actual.states[daemon.unit]
        reasons = [Why.ENABLE()] if enabled in OFF else []
        if changed & {entry.path for entry in daemon.settings}:
            reasons.append(Why.SETTINGS())
        elif daemon.unit in actual.due:
            reasons.append(Why.DUE())
        elif active not in UP:
            reasons.append(Why.START(active))
        if reasons:
            changes.append(Change("change", Target(NAME, daemon.unit), tuple(reasons), daemon))
    return changes


def apply(
    description: DesiredState,
    actual: SystemServicesState,
    changes: Sequence[Change[PathEntry | SystemService]],
) -> Commands:
    """Yield the one command that writes settings and has daemons read them."""
    daemons = payloads(changes, SystemService)
    units = " ".join(quote(daemon.unit) for daemon in daemons)
    marks = " ".join(quote(f"{DUE}/{daemon.unit}") for daemon in daemons)
    before = f"mkdir -p {DUE}\ntouch {marks}" if daemons else ""
    off = " ".join(quote(d.unit) for d in daemons if actual.states[d.unit][1] in OFF)
    enable = f"systemctl enable --quiet {off}\n" if off else ""
    after = f"{enable}systemctl restart {units}\nrm -f {marks}"
    if files := of_payload(changes, PathEntry):
        yield from managed_set.apply(
            description.app, NAME, files, before=before, after=after if daemons else ""
        )
    else:
        yield StringCommand(f"set -eu\n{after}")


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Have the system's daemons run with the described settings."""
