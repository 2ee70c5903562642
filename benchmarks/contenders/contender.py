"""What all contenders have in common: what they deploy is called, and where it is to be found."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.reach import Reach

BENCHMARKS = Path(__file__).parent.parent
PROJECT = BENCHMARKS.parent
PEERS = BENCHMARKS / "contenders/setups"
TITLE = "One job for all"
"""What every rendered file and every process is told: ``host.title``, and JOB_TITLE."""


@dataclass(frozen=True)
class Contender(ABC):
    """A way to do the job.

    + name, title: what it is called on a command line, and in a report
    + app, port: the application and the account, and where its web process listens
    + config, python, code: on a host, the folder of its thirty files, its venv's Python, and the
      folder in which its package ``job`` lies
    + state: on a host, the directory of its data
    """

    name: str
    title: str
    app: str
    port: int
    config: str
    python: str
    code: str

    @property
    def state(self) -> str:
        """Return where its data is on a host."""
        return f"/var/lib/{self.app}"

    @abstractmethod
    def prepare(self, work: Path, hosts: Sequence[Reach]) -> None:
        """Write into ``work``, a copy of the job, what the contender needs to reach the hosts."""

    @abstractmethod
    def command(self, work: Path, hosts: Sequence[Reach]) -> list[str]:
        """Return the command line that does the job, as a user would type it."""

    def folder(self, work: Path) -> Path:
        """Return the directory in which the command is to be run."""
        return work

    def environment(self, work: Path) -> dict[str, str]:
        """Return what is added to the environment of one run; to be asked anew for each."""
        return {}

    def forget(self, work: Path) -> None:  # noqa: B027 - most keep nothing
        """Forget what this machine keeps of earlier runs: a first deploy has nothing of it."""

    def finish(self, work: Path) -> None:  # noqa: B027 - most leave nothing
        """End what a run leaves on this machine, such as an open connection."""


def copy(source: Path, work: Path) -> None:
    """Copy the files of a folder into the copy of the job."""
    shutil.copytree(
        source, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
