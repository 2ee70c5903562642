"""The least that a contender can take: pyinfra connects, and runs a command that does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.reach import Reach
from benchmarks.contenders.with_pyinfra import Pyinfra


@dataclass(frozen=True)
class Floor(Pyinfra):
    """It does nothing of the job."""

    def command(self, work: Path, hosts: Sequence[Reach]) -> list[str]:
        """Return the least that pyinfra can be asked."""
        return ["pyinfra", "-y", "inventory.py", "exec", "--", "true"]
