"""The last line of a dry run: how many changes on how many hosts, and that nothing was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import click
from pyinfra import logger
from pyinfra.api.host import Host
from pyinfra.api.state import State, StateStage

from homeport.pyinfra_adapter.run_state import (
    current_operation,
    has_failed,
    planned_changes,
    was_connected,
)

DOUBT = "Detected changes may not include every change"
"""How the paragraph begins that pyinfra prints below its table of changes."""

_planned: WeakKeyDictionary[Host, dict[str, int]] = WeakKeyDictionary()
_ours: WeakKeyDictionary[Host, set[str]] = WeakKeyDictionary()


class HostPlan(NamedTuple):
    """The findings of a dry run on one host.

    + changes: lines of the plan
    + unpredicted: ordinary operations, whose effect only the host shows
    + reached, refused: whether the run connected to it, and left it out then
    """

    changes: int = 0
    unpredicted: int = 0
    reached: bool = True
    refused: bool = False


def claim(host: Host) -> None:
    """Count the current operation of a host by its plan, and not as one of pyinfra's."""
    _ours.setdefault(host, set()).add(current_operation(host))


def count(host: Host, part: str, changes: int) -> None:
    """Set the number of changes in one part of a host's plan."""
    _planned.setdefault(host, {})[part] = changes


def drop_doubt() -> None:
    """Remove the paragraph of doubt from pyinfra's table of changes."""
    cli: Any = import_module("pyinfra_cli.cli")
    cli.click = _Click()


def print_summary(state: State) -> None:
    """Print the last line, if this run has come to the end of its plan."""
    if state.current_stage == StateStage.Prepare:
        hosts = [host for host in state.inventory if state.is_host_in_limit(host)]
        logger.info(f"--> {summary(map(_plan_of, hosts))}")


def summary(plans: Iterable[HostPlan]) -> str:
    """Return the last line; hosts with changes are counted, or all that are well if none has."""
    found = list(plans)
    well = [plan for plan in found if plan.reached and not plan.refused]
    changed = [plan for plan in well if plan.changes or plan.unpredicted]
    parts = [f"{_what(changed)} on {_count(len(changed or well), 'host')}"] if well else []
    refused = sum(plan.reached and plan.refused for plan in found)
    unreachable = sum(not plan.reached for plan in found)
    parts += [f"{_count(refused, 'host')} refused"] if refused else []
    parts += [f"{_count(unreachable, 'host')} unreachable"] if unreachable else []
    ends = "; nothing was changed" if changed or len(parts) > bool(well) else ""
    return f"Dry run: {', '.join(parts)}{ends}."


def _what(plans: list[HostPlan]) -> str:
    return " and ".join(_counts(plans)) or "no changes"


def _counts(plans: list[HostPlan]) -> Iterator[str]:
    if changes := sum(plan.changes for plan in plans):
        yield _count(changes, "change")
    if unpredicted := sum(plan.unpredicted for plan in plans):
        yield _count(unpredicted, "unpredicted operation")


def _plan_of(host: Host) -> HostPlan:
    return HostPlan(
        sum(_planned.get(host, {}).values()),
        sum(1 for _ in planned_changes(host, _ours.get(host, ()))),
        was_connected(host),
        has_failed(host),
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


class _Click:
    # What pyinfra's command line takes for click: all of it, but for one paragraph.
    def __getattr__(self, name: str) -> Any:
        return getattr(click, name)

    def echo(self, message: Any = None, *args: Any, **kwargs: Any) -> None:
        if not str(message).lstrip().startswith(DOUBT):
            click.echo(message, *args, **kwargs)
