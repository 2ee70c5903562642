"""The hosts of a rollout: found by pyinfra, deployed to batch by batch, their status at last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeport.rollout.arguments import AT_ONCE, Arguments
from homeport.rollout.batches import Batch, Outcome
from homeport.rollout.pyinfra_run import run
from homeport.rollout.report import HostReport

DEPLOY, STATUS = "deploy.py", "deploys/status.py"


class RolloutAborted(Exception):  # noqa: N818 - what a rollout is then
    """The error of a rollout that begins nothing; its text is pyinfra's own output."""


@dataclass(frozen=True)
class Fleet:
    """All hosts that the user chose, in the order of their deploys, with the outcomes so far."""

    call: Arguments
    hosts: tuple[HostReport, ...]
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The hosts' names."""
        return [host.name for host in self.hosts]

    @property
    def rollouts(self) -> Iterator[tuple[str, object]]:
        """Each host's name, and the key ``rollout`` of its data."""
        return ((host.name, host.rollout) for host in self.hosts)

    @property
    def done(self) -> bool:
        """Whether every host is deployed to, without a failure."""
        return all(self.outcomes.get(name) == Outcome.DONE for name in self.names)

    def deploy(self, batch: Batch) -> None:
        """Deploy to the hosts of a batch, and record their outcomes.

        Raises ``KeyboardInterrupt`` if the user interrupts it, once the outcomes are recorded.
        """
        ran = run([*self._only(DEPLOY, batch.hosts), *AT_ONCE])
        outcomes = {host.name: host.outcome for host in ran.hosts or ()}
        self.outcomes.update({name: outcomes.get(name, Outcome.CUT_OFF) for name in batch.hosts})
        if ran.interrupted:
            raise KeyboardInterrupt

    def dry(self) -> int:
        """Show what would change on all hosts, in one run; return pyinfra's exit code."""
        return run(self.call.whole(DEPLOY)).code

    def statuses(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the status of each host that can be reached, by its name (deploys/status.py)."""
        gone = Outcome.UNREACHABLE
        reachable = [name for name in self.names if self.outcomes.get(name) != gone]
        if not reachable:
            return {}
        ran = run([*self._only(STATUS, reachable), "-y"], quiet=True)
        return {host.name: host.facts for host in ran.hosts or () if host.facts}

    def _only(self, file: str, names: tuple[str, ...] | list[str]) -> list[str]:
        groups = {group for host in self.hosts for group in host.groups}
        return self.call.only(file, names, groups)


def discover(call: Arguments) -> Fleet:
    """Return the hosts of a call, after a check of all their descriptions.

    They are in the order of the inventory, by name where that has none (a connector's).
    Raises ``RolloutAborted`` if pyinfra refuses a description, or is interrupted.
    """
    ran = run(call.whole(DEPLOY), quiet=True, only_check=True)
    if ran.interrupted:
        raise RolloutAborted("interrupted")
    if ran.code or ran.hosts is None:
        lines = [line for line in ran.output.splitlines() if not line.startswith("-->")]
        raise RolloutAborted(
            "\n".join(lines).strip() or f"pyinfra says nothing of {call.inventory}"
        )
    ordered = "," in call.inventory or Path(call.inventory).exists()
    return Fleet(call, ran.hosts if ordered else tuple(sorted(ran.hosts, key=lambda t: t.name)))
