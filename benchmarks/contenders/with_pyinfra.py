"""The two contenders that pyinfra runs: homeport, and operations of pyinfra's own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import inventory, runtime_directory
from benchmarks.contenders.contender import PEERS, PROJECT, TITLE, Contender, copy
from benchmarks.contenders.reach import Reach

PYTHONS = {"12": "3.11", "13": "3.13"}


@dataclass(frozen=True)
class Homeport(Contender):
    """This project, from its own folder, with an application file of the benchmark's."""

    def prepare(self, work: Path, hosts: Sequence[Reach]) -> None:
        """Write the inventory; the application file is part of the job."""
        own = {"app_file": str(work / "app.yml"), "allow_dirty": True, "title": TITLE}

        def data(host: Reach) -> dict[str, object]:
            return {
                **own,
                "architecture": host.architecture,
                "debian": host.debian,
                "app": {"name": self.app, "python": PYTHONS[host.debian]},
            }

        inventory.write(work, inventory.OPENSSH, hosts, data)

    def command(self, work: Path, hosts: Sequence[Reach]) -> list[str]:
        """Return what the README says, with -y."""
        return ["pyinfra", "-y", str(work / "inventory.py"), "deploy.py"]

    def environment(self, work: Path) -> dict[str, str]:
        """Return where its cache is, which no other contender has filled, and its logins."""
        return {
            "XDG_CACHE_HOME": str(work.with_name(f"{work.name}.cache")),
            "XDG_RUNTIME_DIR": runtime_directory.new(work),
        }

    def finish(self, work: Path) -> None:
        """Forget the logins that are kept for a minute; the meter has ended them."""
        runtime_directory.remove(work)

    def forget(self, work: Path) -> None:
        """Remove wheels and all else that it has fetched or built."""
        shutil.rmtree(work.with_name(f"{work.name}.cache"), ignore_errors=True)

    def folder(self, work: Path) -> Path:
        """Return the project: its config.py, deploy.py and group_data count."""
        return PROJECT


@dataclass(frozen=True)
class Pyinfra(Contender):
    """A deploy of pyinfra's own operations, in a folder of its own that knows nothing of us."""

    def prepare(self, work: Path, hosts: Sequence[Reach]) -> None:
        """Write the deploy, its data, its units and the inventory."""
        copy(PEERS / "pyinfra", work)
        copy(PEERS / "units", work / "units")
        inventory.write(work, inventory.SSH, hosts)

    def command(self, work: Path, hosts: Sequence[Reach]) -> list[str]:
        """Return what its documentation says, with -y. All hosts go at once unless told not to."""
        return ["pyinfra", "-y", "inventory.py", "deploy.py"]
