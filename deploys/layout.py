"""Where things of an application are on a host: one answer for units, checks and proofs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The paths of one application."""

    app: str

    @property
    def home(self) -> str:
        """Code: releases, venvs and the programs that start them."""
        return f"/srv/{self.app}"

    @property
    def state(self) -> str:
        """Data, by systemd's ``StateDirectory=``; it outlives every release."""
        return f"/var/lib/{self.app}"

    @property
    def config(self) -> str:
        """Environment files."""
        return f"/etc/homeport/{self.app}"

    @property
    def environment(self) -> tuple[str, str]:
        """Environment files in systemd's order: what anybody may know, then the secrets."""
        return f"{self.config}/environment", f"{self.config}/secrets"

    @property
    def health(self) -> str:
        """What each process is asked to know that it is well."""
        return f"{self.config}/health.yml"

    @property
    def files(self) -> str:
        """Configuration files of the application's own."""
        return f"{self.config}/config"

    @property
    def cache(self) -> str:
        """What can be made again, by systemd's ``CacheDirectory=``."""
        return f"/var/cache/{self.app}"

    @property
    def logs(self) -> str:
        """Logs, by systemd's ``LogsDirectory=``."""
        return f"/var/log/{self.app}"

    @property
    def places(self) -> dict[str, str]:
        """What placeholders of commands stand for."""
        return {"config": self.files, "data": self.state}

    @property
    def paths(self) -> dict[str, str]:
        """What templates of configuration files call the directories."""
        named = {"config": self.files, "state": self.state, "cache": self.cache}
        return {**named, "logs": self.logs, "current": self.current}

    @property
    def current(self) -> str:
        """The link to the release that runs."""
        return f"{self.home}/current"

    def runtime(self, process: str) -> str:
        """Return where a process has its sockets, by systemd's ``RuntimeDirectory=``."""
        return f"/run/{self.app}-{process}"

    def socket(self, process: str) -> str:
        """Return where a process listens that listens on a socket."""
        return f"{self.runtime(process)}/{process}.sock"

    def record(self, init: str) -> str:
        """Return the file whose presence says that an initialisation is done."""
        return f"/var/lib/homeport/{self.app}/init/{init}"

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
class Local(Layout):
    """The paths of one application on a laptop: all of them below one folder of the project."""

    folder: str

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
        """What the application may lose."""
        return f"{self.folder}/cache"

    @property
    def logs(self) -> str:
        """Logs that the application writes itself."""
        return f"{self.folder}/logs"

    def runtime(self, process: str) -> str:
        """Return where a process has its sockets."""
        return f"{self.sockets}/{process}"

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
        """What it runs."""
        return f"{self.folder}/Procfile"
