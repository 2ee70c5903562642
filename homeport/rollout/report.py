"""The report of a run of pyinfra, host by host: its exit code is one for all of them.

The run writes it at its end, to a file that its environment names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra.api.host import Host
from pyinfra.api.state import State, StateStage

from homeport.pyinfra_adapter.run_state import has_failed, was_connected
from homeport.rollout.batches import Outcome


@dataclass(frozen=True)
class HostReport:
    """The report of one host: its groups, its data ``rollout``, its outcome, and its facts."""

    name: str
    groups: tuple[str, ...] = ()
    rollout: Any = None
    outcome: Outcome = Outcome.CUT_OFF
    facts: Mapping[str, Any] = field(default_factory=dict)


_facts: WeakKeyDictionary[Host, dict[str, Any]] = WeakKeyDictionary()


def say(host: Host, facts: Mapping[str, Any]) -> None:
    """Add facts of a host to the report; a run without a report drops them."""
    _facts.setdefault(host, {}).update(facts)


def read(file: Path) -> tuple[HostReport, ...] | None:
    """Return the report of a run, in the inventory's order, None if it has written none."""
    try:
        rows = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return tuple(
        HostReport(**{**row, "groups": tuple(row["groups"]), "outcome": Outcome(row["outcome"])})
        for row in rows
    )


def write(state: State, file: Path) -> None:
    """Write the report of a run's hosts as JSON. Raises ``OSError`` if it can't be written."""
    hosts = [host for host in state.inventory if state.is_host_in_limit(host)]
    rows = [
        {
            "name": host.name,
            "groups": list(host.groups),
            "rollout": host.data.get("rollout"),
            "outcome": outcome(state, host),
            "facts": _facts.get(host, {}),
        }
        for host in hosts
    ]
    file.write_text(json.dumps(rows, default=str))


def outcome(state: State, host: Host) -> Outcome:
    """Return the outcome of a host at the stage that its run has reached."""
    if has_failed(host):
        return Outcome.FAILED if was_connected(host) else Outcome.UNREACHABLE
    return Outcome.DONE if state.current_stage >= StateStage.Disconnect else Outcome.CUT_OFF
