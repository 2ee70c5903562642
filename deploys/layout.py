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
    def current(self) -> str:
        """The link to the release that runs."""
        return f"{self.home}/current"

    def socket(self, name: str) -> str:
        """Return where a process listens that listens on a socket: in its runtime directory."""
        return f"/run/{self.app}-{name}/{name}.sock"

    def program(self, name: str) -> str:
        """Return where a helper program of ours lies."""
        return f"{self.home}/bin/{name}"

    def venv(self, lock_id: str) -> str:
        """Return the place of a venv."""
        return f"{self.home}/venvs/{lock_id[:12]}"

    def release(self, artifact_id: str, lock_id: str) -> str:
        """Return the place of a release, named after its artifact and its venv."""
        return f"{self.home}/releases/{artifact_id[:12]}-{lock_id[:8]}"
