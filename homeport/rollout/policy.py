"""The rollout policy of host data: batches, or all hosts at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from homeport import manifest
from homeport.errors import UserError
from homeport.manifest import Rollout
from homeport.pyinfra_adapter.data_source import WHERE
from homeport.rollout.guard import is_requested

KEY = "rollout"


def rollout_of(data: object) -> Rollout | None:
    """Return the policy in the key ``rollout`` of one host's data, None if it asks for none.

    Raises ``UserError`` if it is no policy.
    """
    if isinstance(data, Mapping):
        return manifest.validate_rollout(data, WHERE)
    if not is_requested(data):
        return None
    fix = f'write {KEY} = {{"canary": 1, "batch_size": 2}}, or {KEY} = False'
    raise UserError("this is not a rollout policy", fix=fix, file=WHERE, key=KEY)


def merge_policies(hosts: Iterable[tuple[str, object]]) -> Rollout | None:
    """Return the policy for all hosts of a run, from their names and data; None without one.

    A host without a policy takes the others'. Raises ``UserError`` if two differ.
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
