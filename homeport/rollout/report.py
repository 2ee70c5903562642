"""What a run of pyinfra came to, told to whoever started it: its exit code is one for all hosts.

The run writes it at its end, to a file that its environment names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra.api.host import Host
from pyinfra.api.state import State, StateStage

from homeport.rollout.batches import Outcome

FILE = "HOMEPORT_REPORT"
ONLY_CHECK = "HOMEPORT_ONLY_CHECK"
"""Variables of a run's environment: the report's file, and that no host is to be called."""


@dataclass(frozen=True)
class HostReport:
    """What is known of one host: its data ``rollout``, its outcome, and what it said itself."""

    name: str
    groups: tuple[str, ...] = ()
    rollout: Any = None
    outcome: Outcome = Outcome.CUT_OFF
    said: Mapping[str, Any] = field(default_factory=dict)


_said: WeakKeyDictionary[Host, dict[str, Any]] = WeakKeyDictionary()


def say(host: Host, facts: Mapping[str, Any]) -> None:
    """Have the report say this of a host; it is dropped where nobody asked for a report."""
    _said.setdefault(host, {}).update(facts)


def report_at_the_end() -> None:
    """Have this process write its report, if one is asked for, when pyinfra hangs up."""
    if not (file := os.environ.get(FILE)):
        return
    # By name: it changes the world when it is imported, and pyinfra has done so by now.
    cli: Any = import_module("pyinfra_cli.cli")
    cli.disconnect_all = _reporting(cli.disconnect_all, Path(file))


def read(file: Path) -> tuple[HostReport, ...] | None:
    """Return what a run has reported of its hosts, in the inventory's order; None if nothing."""
    try:
        rows = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return tuple(
        HostReport(**{**row, "groups": tuple(row["groups"]), "outcome": Outcome(row["outcome"])})
        for row in rows
    )


def _reporting(hang_up: Callable[[State], None], file: Path) -> Callable[[State], None]:
    def report_and_hang_up(state: State) -> None:
        hosts = [host for host in state.inventory if state.is_host_in_limit(host)]
        rows = [
            {
                "name": host.name,
                "groups": list(host.groups),
                "rollout": host.data.get("rollout"),
                "outcome": outcome(state, host),
                "said": _said.get(host, {}),
            }
            for host in hosts
        ]
        file.write_text(json.dumps(rows, default=str))
        hang_up(state)

    return report_and_hang_up


def outcome(state: State, host: Host) -> Outcome:
    """Return what came of a host, as far as the run got."""
    if host in state.failed_hosts:
        return Outcome.FAILED if host in state.activated_hosts else Outcome.UNREACHABLE
    return Outcome.DONE if state.current_stage >= StateStage.Disconnect else Outcome.CUT_OFF
