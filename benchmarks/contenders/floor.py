"""The least that a contender can take: pyinfra connects, and runs a command that does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import inventory, runtime_directory
from benchmarks.contenders.contender import PROJECT
from benchmarks.contenders.reach import Reach
from benchmarks.contenders.with_pyinfra import Pyinfra


@dataclass(frozen=True)
class Floor(Pyinfra):
    """It does nothing of the job."""

    def command(self, work: Path, hosts: Sequence[Reach]) -> list[str]:
        """Return the least that pyinfra can be asked."""
        return ["pyinfra", "-y", "inventory.py", "exec", "--", "true"]


@dataclass(frozen=True)
class OpenSSHFloor(Floor):
    """The same by homeport's connector, with a login in each run."""

    def prepare(self, work: Path, hosts: Sequence[Reach]) -> None:
        """Write the inventory, and the settings by which pyinfra knows the connector."""
        (work / "config.py").write_text(inventory.CONFIG)
        inventory.write(work, inventory.OPENSSH, hosts)

    def environment(self, work: Path) -> dict[str, str]:
        """Return where homeport is, and where its logins are."""
        return {"PYTHONPATH": str(PROJECT), "XDG_RUNTIME_DIR": runtime_directory.new(work)}

    def finish(self, work: Path) -> None:
        """Forget the logins that are kept for a minute; the meter has ended them."""
        runtime_directory.remove(work)
