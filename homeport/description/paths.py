"""The paths of an application on a host: one answer for units, checks and specs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from homeport.hostctl import protocol


@dataclass(frozen=True)
class HostPaths:
    """The paths of one application."""

    app: str
    in_slots: ClassVar[bool] = True
    """Whether a process may run in slots there."""

    @property
    def home(self) -> str:
        """Code: releases, venvs and the programs that start them."""
        return f"{protocol.HOME}/{self.app}"

    @property
    def state(self) -> str:
        """Data, by systemd's ``StateDirectory=``; it outlives every release."""
        return f"/var/lib/{self.app}"

    @property
    def config(self) -> str:
        """Environment files."""
        return f"{protocol.CONFIG}/{self.app}"

    @property
    def environment(self) -> tuple[str, str]:
        """Environment files in systemd's order: what every user may read, then the secrets."""
        return f"{self.config}/environment", f"{self.config}/secrets"

    @property
    def health(self) -> str:
        """The health checks of each process."""
        return f"{self.config}/health.yml"

    @property
    def files(self) -> str:
        """Configuration files of the application's own."""
        return f"{self.config}/config"

    @property
    def cache(self) -> str:
        """The directory of what can be made again (systemd's ``CacheDirectory=``)."""
        return f"/var/cache/{self.app}"

    @property
    def logs(self) -> str:
        """Logs, by systemd's ``LogsDirectory=``."""
        return f"/var/log/{self.app}"

    @property
    def places(self) -> dict[str, str]:
        """The values of placeholders in commands."""
        return {"config": self.files, "data": self.state}

    @property
    def units(self) -> str:
        """Units of processes that run in slots; where systemd reads them, each slot has its own."""
        return f"{self.config}/units"

    @property
    def processes(self) -> str:
        """The application's slots, units and sockets, for the host program to switch."""
        return f"{self.config}/{protocol.APP_SPEC}"

    @property
    def paths(self) -> dict[str, str]:
        """The directories, by their names in templates of configuration files."""
        named = {"config": self.files, "state": self.state, "cache": self.cache}
        return {**named, "logs": self.logs, "current": self.current}

    @property
    def current(self) -> str:
        """The link to the release that runs."""
        return f"{self.home}/current"

    @property
    def slots(self) -> str:
        """The slots: each a release, and a copy of the configuration that it runs with."""
        return f"{self.home}/slots"

    def slot(self, name: str) -> str:
        """Return where a slot lies."""
        return f"{self.slots}/{name}"

    def runtime(self, process: str) -> str:
        """Return where a process has its sockets, by systemd's ``RuntimeDirectory=``."""
        return f"/run/{self.app}-{process}"

    def socket(self, process: str) -> str:
        """Return where a process listens that listens on a socket, and runs in no slot."""
        return f"{self.runtime(process)}/{process}.sock"

    def private(self, process: str, slot: str) -> str:
        """Return where a process listens that runs in this slot."""
        return f"{self.runtime(f'{process}-{slot}')}/{process}.sock"

    def link(self, process: str) -> str:
        """Return the link to the socket on which a process serves, whichever slot that is."""
        return f"{protocol.SOCKETS}/{self.app}/{process}.sock"

    def proxied(self, process: str) -> str:
        """Return the folder of root's by which the proxy reaches the sockets of a process."""
        return f"{protocol.PROXY_SOCKETS}/{self.app}/{process}"

    @property
    def own(self) -> str:
        """Homeport's own: what it put on the host, and what runs there."""
        return f"{protocol.STATE}/{self.app}"

    @property
    def checked(self) -> str:
        """The file that says which release the application's own check has accepted."""
        return f"{self.own}/checked"

    def record(self, init: str) -> str:
        """Return the file whose presence says that an initialisation is done."""
        return f"{self.own}/init/{init}"

    def program(self, name: str) -> str:
        """Return where a helper program of ours lies."""
        return f"{self.home}/bin/{name}"

    def venv(self, lock_id: str) -> str:
        """Return the place of a venv."""
        return f"{self.home}/venvs/{lock_id[:12]}"

    def release(self, artifact_id: str, lock_id: str) -> str:
        """Return the place of a release, named after its artifact and its venv."""
        return f"{self.home}/releases/{artifact_id[:12]}-{lock_id[:8]}"


@dataclass(frozen=True)
class LaptopPaths(HostPaths):
    """The paths of one application on a laptop: all of them below one folder of the project."""

    folder: str
    in_slots: ClassVar[bool] = False

    @property
    def home(self) -> str:
        """Venvs, releases and helper programs: beside everything else."""
        return self.folder

    @property
    def state(self) -> str:
        """Data, which nothing of homeport ever removes."""
        return f"{self.folder}/data"

    @property
    def config(self) -> str:
        """Environment files."""
        return self.folder

    @property
    def cache(self) -> str:
        """The directory of what the application may lose."""
        return f"{self.folder}/cache"

    @property
    def logs(self) -> str:
        """Logs that the application writes itself."""
        return f"{self.folder}/logs"

    def runtime(self, process: str) -> str:
        """Return where a process has its sockets."""
        return f"{self.sockets}/{process}"

    def link(self, process: str) -> str:
        """Return where a process serves: where it listens, as nothing is ever switched."""
        return self.socket(process)

    @property
    def sockets(self) -> str:
        """Sockets: a folder for each process."""
        return f"{self.folder}/runtime"

    @property
    def own(self) -> str:
        """Homeport's own: ledgers, wheels and uv."""
        return f"{self.folder}/homeport"

    @property
    def latest(self) -> str:
        """The link to the venv that is in use."""
        return f"{self.folder}/venv"

    @property
    def run(self) -> str:
        """The one command."""
        return f"{self.folder}/run"

    @property
    def procfile(self) -> str:
        """The file of the commands that it runs."""
        return f"{self.folder}/Procfile"
