"""The paths of an application on a host, below one root."""

from __future__ import annotations

from pathlib import Path

from .. import protocol


class AppPaths:
    """The paths of one application, and those that the host has once for all of them."""

    def __init__(self, app: str, root: Path = Path("/")) -> None:
        self.app, self.root = app, root
        # Once for the host.
        self.state = _below(root, protocol.STATE)
        self.lease = self.state / protocol.LEASE
        self.lock = self.state / protocol.LOCK
        self.hmac_key = self.state / protocol.HMAC_KEY
        self.reserve = self.state / ".reserve"
        self.mutex = self.state / protocol.MUTEX
        self.units = _below(root, protocol.UNITS)
        # The application's own.
        self.own = self.state / app
        self.journal = self.own / protocol.JOURNAL
        self.renewal = self.own / protocol.RENEWAL
        self.last_journal = self.own / protocol.LAST_JOURNAL
        self.snapshot = self.own / protocol.SNAPSHOT
        self.active = self.own / protocol.ACTIVE
        self.generations = self.own / protocol.GENERATIONS
        self.history = self.own / protocol.HISTORY
        self.bad = self.own / protocol.BAD
        self.pins = self.own / protocol.PINS
        self.etc = _below(root, protocol.CONFIG) / app
        self.processes = self.etc / protocol.APP_SPEC
        self.secrets = self.etc / protocol.SECRETS
        self.srv = _below(root, protocol.HOME) / app
        self.current = self.srv / "current"
        self.releases = self.srv / "releases"
        self.venvs = self.srv / "venvs"
        self.slots = self.srv / "slots"
        self.sockets = _below(root, protocol.SOCKETS) / app
        self.proxied = _below(root, protocol.PROXY_SOCKETS) / app

    def at(self, path: str) -> Path:
        """Return where an absolute path of the host lies below this root."""
        return _below(self.root, path)

    def apps(self) -> list[str]:
        """Return the names of all applications that have a folder of their own here."""
        try:
            found = [entry.name for entry in self.state.iterdir() if entry.is_dir()]
        except FileNotFoundError:
            return []
        # A name that starts so belongs to no application: a bootstrap keeps its ledgers there.
        return sorted(name for name in found if not name.startswith(("_", ".")))


def _below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")
