"""What host data asks for when a deploy goes to many hosts: batches, or all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from homeport import manifest
from homeport.errors import UserError
from homeport.manifest import Rollout
from homeport.pyinfra_adapter.data_source import WHERE
from homeport.rollout.guard import is_requested

KEY = "rollout"


def rollout_of(data: object) -> Rollout | None:
    """Return what one host's data says, None if it says nothing; raises ``UserError``."""
    if isinstance(data, Mapping):
        return manifest.validate_rollout(data, WHERE)
    if not is_requested(data):
        return None
    fix = f'write {KEY} = {{"canary": 1, "batch_size": 2}}, or {KEY} = False'
    raise UserError("this is not a rollout policy", fix=fix, file=WHERE, key=KEY)


def merge_policies(hosts: Iterable[tuple[str, object]]) -> Rollout | None:
    """Return what goes for all hosts of a run, by name and data; None if none says anything.

    What one of them says goes for those that say nothing. Raises ``UserError`` if two differ.
    """
    first: tuple[str, Rollout] | None = None
    for host, data in hosts:
        if (policy := rollout_of(data)) is None:
            continue
        if first is None:
            first = host, policy
        elif first[1] != policy:
            what = f"{first[0]} and {host} ask for different batches"
            fix = "set it once, in group_data/all.py, or roll them out one --limit at a time"
            raise UserError(what, fix=fix, file=WHERE, key=KEY)
    return first[1] if first else None
