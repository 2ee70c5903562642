"""Where everything of an application lies on a host, below one root."""

from __future__ import annotations

from pathlib import Path


class AppPaths:
    """The paths of one application, and those that the host has once for all of them."""

    def __init__(self, app: str, root: Path = Path("/")) -> None:
        self.app, self.root = app, root
        # Once for the host.
        self.state = root / "var/lib/homeport"
        self.lease = self.state / "lease"
        self.lock = self.state / "lock"
        self.hmac_key = self.state / "hmac-key"
        self.reserve = self.state / ".reserve"
        self.mutex = self.state / "mutex"
        self.units = root / "etc/systemd/system"
        # The application's own.
        self.own = self.state / app
        self.journal = self.own / "journal"
        self.last_journal = self.own / "journal.last"
        self.snapshot = self.own / "snapshot"
        self.active = self.own / "active"
        self.generations = self.own / "generations"
        self.history = self.own / "history"
        self.bad = self.own / "bad"
        self.pins = self.own / "pins"
        self.etc = root / "etc/homeport" / app
        self.processes = self.etc / "processes.json"
        self.srv = root / "srv" / app
        self.current = self.srv / "current"
        self.releases = self.srv / "releases"
        self.venvs = self.srv / "venvs"
        self.slots = self.srv / "slots"
        self.sockets = root / "run/homeport-sockets" / app

    def at(self, path: str) -> Path:
        """Return where an absolute path of the host lies below this root."""
        return self.root / path.lstrip("/")

    def apps(self) -> list[str]:
        """Return the names of all applications that have a folder of their own here."""
        try:
            found = [entry.name for entry in self.state.iterdir() if entry.is_dir()]
        except FileNotFoundError:
            return []
        # A name that starts so belongs to no application: a bootstrap keeps its ledgers there.
        return sorted(name for name in found if not name.startswith(("_", ".")))
