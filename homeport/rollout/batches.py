"""The order of a rollout: pure, from its policy and the outcomes of the hosts so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from homeport.manifest import Rollout


class Outcome(StrEnum):
    """The outcome of a deploy to a host."""

    DONE = "done"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    CUT_OFF = "cut off"
    """The run ended before the host was done."""


Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True)
class Batch:
    """Hosts that are deployed to at once, in the order of the inventory."""

    hosts: tuple[str, ...]
    canary: bool = False


@dataclass(frozen=True)
class Stop:
    """The end of a rollout with hosts left: those that count as failed, and if it is a canary's."""

    failed: tuple[str, ...]
    canary: bool = False


def following(order: Sequence[str], policy: Rollout, outcomes: Outcomes) -> Batch | Stop | None:
    """Return the next batch, or the ``Stop`` that ends the rollout; None if no host is left.

    The result depends on the arguments alone.
    """
    left = [host for host in order if host not in outcomes]
    if not left:
        return None
    failed = failures(order, policy, outcomes)
    missing = policy.canary - sum(outcome == Outcome.DONE for outcome in outcomes.values())
    if len(failed) > (0 if missing > 0 else policy.max_failures):
        return Stop(failed, missing > 0)
    # Who can't be reached and is passed over has proven nothing: the next one is the canary.
    count = missing if missing > 0 else batch_size(policy, len(order))
    return Batch(tuple(left[:count]), missing > 0)


def failures(order: Sequence[str], policy: Rollout, outcomes: Outcomes) -> tuple[str, ...]:
    """Return the names of the hosts that count as failed under a policy, in their order."""
    well = {Outcome.DONE} | ({Outcome.UNREACHABLE} if policy.unreachable == "skip" else set())
    return tuple(host for host in order if host in outcomes and outcomes[host] not in well)


def batch_size(policy: Rollout, hosts: int) -> int:
    """Return the number of hosts of a batch; a share (``25%``) is rounded down, to 1 at least."""
    if isinstance(policy.batch_size, str):
        return max(1, hosts * int(policy.batch_size.removesuffix("%")) // 100)
    return int(policy.batch_size)


def batches(order: Sequence[str], policy: Rollout) -> list[Batch]:
    """Return all batches of a rollout in which no host fails."""
    found: list[Batch] = []
    outcomes: dict[str, Outcome] = {}
    while isinstance(batch := following(order, policy, outcomes), Batch):
        found.append(batch)
        outcomes |= dict.fromkeys(batch.hosts, Outcome.DONE)
    return found
